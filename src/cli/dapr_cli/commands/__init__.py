"""The code of each command, one module apiece; each is imported only when its command is typed."""
