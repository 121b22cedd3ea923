"""No pages: the baseline has sockets only."""

urlpatterns: list[object] = []
