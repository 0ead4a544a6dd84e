"""HTTP middleware pipelines: which handlers a Configuration asks for, in which order."""
