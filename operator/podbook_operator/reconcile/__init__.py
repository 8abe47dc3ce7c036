"""One step of one execution: gather, decide, act; and who may take it when."""
