"""One desk over all organisations: operators, presence, live queue, deadlines. Public: ids, clocks, states."""
