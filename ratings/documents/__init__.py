"""A report as a document: built once, drawn many ways (CSV, XLSX, PDF, mail, the page in the client's admin).

``document`` says what it is, ``building`` makes it from stored reports, ``essentials`` draws the conclusions, ``words``
writes numbers and sentences for people. Every rendering takes a :class:`~ratings.documents.document.ReportDocument` and
nothing else, so that no two of them can disagree.
"""
