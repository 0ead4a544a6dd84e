"""The sidecar injector: the admission webhook that puts ``daprd`` beside the containers of annotated pods.

``patch`` is the pure core: a pod and settings in, JSON patch operations out. Around it stand who may ask (``callers``),
the review's rules (``review``) and the process that serves them (control-plane.md §5).
"""
