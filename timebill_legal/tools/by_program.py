"""A mark for what the program does, in the context: clients send contexts too, but not this object."""


class _ByProgram:
    def __repr__(self):
        return "by program"

    def __deepcopy__(self, memo):
        return self


BY_PROGRAM = _ByProgram()
