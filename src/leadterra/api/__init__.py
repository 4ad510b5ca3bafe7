"""JSON over HTTP: one file a resource, the one error shape, authentication."""
