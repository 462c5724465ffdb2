"""What gunicorn loads."""

from . import create_app, logs

logs.prepare()
app = create_app()
