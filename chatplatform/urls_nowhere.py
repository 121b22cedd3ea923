"""A host that is nobody's: only the two health addresses answer."""

from django.urls import path

from chatplatform import health

urlpatterns = [path("healthz", health.healthz), path("readyz", health.readyz)]
