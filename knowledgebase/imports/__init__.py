"""Articles from files and into files. Nothing here touches the database.

``sources`` opens what came, a reader makes raw rows of it (``csv_form``, ``json_form``, ``guide_form``,
``markdown_form``, ``faq_page``; ``reading`` chooses), ``rows`` checks them, ``services.importing`` compares them with
what is there and takes them in. ``writing`` is the way back.
"""
