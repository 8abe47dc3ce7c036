"""How executions end: phases, reasons, whose fault it is, and the one function that ends them."""
