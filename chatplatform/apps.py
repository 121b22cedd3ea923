from django.apps import AppConfig


class ChatplatformConfig(AppConfig):
    name = "chatplatform"
