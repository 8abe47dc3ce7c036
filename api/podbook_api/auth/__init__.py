"""Who may call the API, decided before any route is asked."""
