"""Plant one fault at a time into the modules that decide, and see whether a test notices.

`make mutants` draws some hundred of them, spread over all those modules, and lists what survived. Faults are planted
in memory, in forked processes: no file of the tree is ever changed. See `__main__.py` for the options.
"""
