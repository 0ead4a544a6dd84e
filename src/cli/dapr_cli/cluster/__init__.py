"""The commands that work on a Kubernetes cluster: what they ask it, and what they tell of the answer.

``connection`` is the way to the cluster, over ``dapr_core.kube``. What is read there is turned into rows by functions
that do no I/O: ``plane`` (the control plane), ``apps`` (pods with a sidecar), ``resources`` (Components and the like).
``table`` and ``flags`` hold the words.
"""
