"""Why marks are as they are: rated conversations read, analysed, and said in words and pictures for managers."""
