"""The way the tutorials teach: the ORM through Channels' default thread, and the default Redis channel layer.

The same facts are stored for each message as by the platform (conversation, message with a gapless number, promise),
equally durably, and the same frames go out. One tenant, no log-in, no limits: it does less, which favours it.
"""
