"""One desk over all organisations: operators, presence, the live queue, open deadlines. Public schema: ids, clocks, states."""
