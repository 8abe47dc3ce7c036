"""The process that starts containers, keeps their logs and writes down their ends.

It is the parent of all containers and outlives a kubelet that is killed: no output and no exit
code is lost, and if no kubelet comes back it ends what it started. The standard library is all it
imports, so that starting a process from it is cheap.
"""
