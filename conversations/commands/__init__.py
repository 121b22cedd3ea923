"""Commands: what a client may ask, whichever door it came through. Each calls one service and answers with frames."""
