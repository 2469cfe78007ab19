"""C for the host: built by the system's compiler, loaded, called."""
