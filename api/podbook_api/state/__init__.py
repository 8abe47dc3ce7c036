"""What the cluster holds, as the API sees it: notebooks, executions, their order and progress."""
