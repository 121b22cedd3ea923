"""Pages over HTTP: what a mailed link opens, and the desk's pages about quality."""
