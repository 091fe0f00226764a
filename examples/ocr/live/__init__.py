"""What `make demo` is made of: the processes (stage), what happened (timeline), the screen (view)."""
