"""What stops the start of the platform, told in one sentence that says what to do."""


class StartError(Exception):
    """The platform cannot start. The message is shown to the person at the terminal."""
