"""WorkflowAccessPolicy: which applications may act on another's workflows (crds-helm-config.md §1.6)."""

from __future__ import annotations

from typing import ClassVar, Final

from dapr_core.resources.limits import Limits, Rule
from dapr_core.resources.metadata import ObjectMeta
from dapr_core.resources.modelling import model
from dapr_core.resources.schema import STRING, FieldType, attr, list_of

OPERATIONS: Final = ("schedule", "terminate", "raise", "pause", "resume", "purge", "get", "rerun")
EVENT_TYPES: Final = (
    "activity.started",
    "activity.completed",
    "workflow.started",
    "workflow.completed",
    "event.raised",
)
_NAME: Final = Limits(min_length=1, max_length=256)
_ENTRIES: Final = Limits(max_items=100)
_REQUIREMENTS: Final = Limits(max_items=20)


@model
class WorkflowCaller:
    """An application that calls."""

    app_id: str = attr("appID", STRING, "App id of the caller.", required=True, limits=_NAME)


@model
class HistoryRequirement:
    """An event that must stand in the caller's signed history."""

    event_type: str = attr("eventType", STRING, "Type of the event.", required=True, enum=EVENT_TYPES)
    name: str = attr("name", STRING, "Name of the workflow, activity or event.", required=True, limits=_NAME)
    app_id: str = attr("appID", STRING, "Application where it happened.", required=True, limits=_NAME)


def _only_scheduling_has_requirements(rule: WorkflowRule) -> bool:
    return not rule.requires or rule.operations == ("schedule",)


@model
class WorkflowRule:
    """Operations allowed on workflows of a name."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.requires) || self.requires.size() == 0 || self.operations == ['schedule']",
            "requires goes with the one operation schedule; put other operations into a rule of their own",
            _only_scheduling_has_requirements,
        ),
    )

    name: str = attr("name", STRING, "Name of the workflow, or a shell pattern.", required=True, limits=_NAME)
    operations: tuple[str, ...] = attr(
        "operations",
        list_of(FieldType("string", enum=OPERATIONS)),
        "What callers may do.",
        required=True,
        limits=Limits(min_items=1, max_items=8, unique=True),
    )
    requires: tuple[HistoryRequirement, ...] = attr(
        "requires", list_of(HistoryRequirement), "Events that must have happened, in order.", limits=_REQUIREMENTS
    )


@model
class ActivityRule:
    """Leave to schedule activities of a name."""

    name: str = attr("name", STRING, "Name of the activity, or a shell pattern.", required=True, limits=_NAME)
    requires: tuple[HistoryRequirement, ...] = attr(
        "requires", list_of(HistoryRequirement), "Events that must have happened, in order.", limits=_REQUIREMENTS
    )


def _allows_something(rule: WorkflowAccessRule) -> bool:
    return bool(rule.workflows or rule.activities)


@model
class WorkflowAccessRule:
    """What some callers may do."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.workflows) && self.workflows.size() > 0 || has(self.activities) && self.activities.size() > 0",
            "name at least one workflow or activity",
            _allows_something,
        ),
    )

    callers: tuple[WorkflowCaller, ...] = attr(
        "callers",
        list_of(WorkflowCaller),
        "Applications the rule is for.",
        required=True,
        limits=Limits(min_items=1, max_items=100),
    )
    workflows: tuple[WorkflowRule, ...] = attr("workflows", list_of(WorkflowRule), "Workflows.", limits=_ENTRIES)
    activities: tuple[ActivityRule, ...] = attr("activities", list_of(ActivityRule), "Activities.", limits=_ENTRIES)


@model
class WorkflowAccessPolicySpec:
    """Rules, of which one must allow a call."""

    rules: tuple[WorkflowAccessRule, ...] = attr(
        "rules", list_of(WorkflowAccessRule), "Whatever no rule allows is denied.", limits=_ENTRIES
    )


@model
class WorkflowAccessPolicy:
    """Which applications may act on the workflows and activities of the applications in its scopes."""

    KIND: ClassVar[str] = "WorkflowAccessPolicy"
    API_VERSIONS: ClassVar[tuple[str, ...]] = ("dapr.io/v1alpha1",)

    metadata: ObjectMeta = attr("metadata", ObjectMeta, "Standard object metadata.")
    spec: WorkflowAccessPolicySpec = attr("spec", WorkflowAccessPolicySpec, "Rules, of which one must allow a call.")
    scopes: tuple[str, ...] = attr("scopes", list_of(STRING), "Applications it protects; empty means every app.")

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.metadata.name
