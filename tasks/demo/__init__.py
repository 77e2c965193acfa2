"""The demo world: three days of made-up chat logs, and a scripted teacher that answers them.

`world.write_logs` writes the logs, `teacher.serve` starts the teacher. Both rest on `skills`:
one generator and one solver per checkable task type, which know nothing of each other.
"""
