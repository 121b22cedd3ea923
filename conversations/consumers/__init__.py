"""Both sockets: doors that decode, run one command, and forward what was announced."""
