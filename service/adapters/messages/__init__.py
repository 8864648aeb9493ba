"""What people read: a message in the form its channel takes."""

from service.adapters.messages.page import Context, event_at
from service.adapters.messages.render import CHART_ID, Form, Rendered, render

__all__ = ["CHART_ID", "Context", "Form", "Rendered", "event_at", "render"]
