"""What every process stands on: wires, resources, process life, telemetry and pure cores.

Admission rule: code belongs here when at least two processes need it and it knows none of them. Nothing in this
package imports ``dapr_components``, a service or the CLI; import-linter holds that.
"""
