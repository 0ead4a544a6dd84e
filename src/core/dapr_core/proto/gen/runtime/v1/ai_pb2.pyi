"""Types of the messages. Generated from dapr/proto/runtime/v1/ai.proto by tools/generate_protos.py: do not edit."""

import builtins as _b
from collections.abc import Iterable as _Iterable
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf.descriptor import FileDescriptor as _FileDescriptor
from google.protobuf.internal import containers as _c
from google.protobuf.message import Message as _Message

from dapr_core.proto.gen.google.protobuf import any_pb2 as _google_protobuf_any_pb2
from dapr_core.proto.gen.google.protobuf import duration_pb2 as _google_protobuf_duration_pb2
from dapr_core.proto.gen.google.protobuf import struct_pb2 as _google_protobuf_struct_pb2
from dapr_core.proto.pool import EnumValues as _EnumValues

DESCRIPTOR: _FileDescriptor

class ConversationRequest(_Message):
    name: _b.str
    contextID: _b.str
    @property
    def inputs(self) -> _c.RepeatedCompositeFieldContainer[ConversationInput]: ...
    @property
    def parameters(self) -> _c.MessageMap[_b.str, _google_protobuf_any_pb2.Any]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    scrubPII: _b.bool
    temperature: _b.float
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        contextID: _b.str | None = None,
        inputs: _Iterable[ConversationInput] | None = None,
        parameters: _Mapping[_b.str, _google_protobuf_any_pb2.Any] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        scrubPII: _b.bool | None = None,
        temperature: _b.float | None = None,
    ) -> None: ...

class ConversationRequestAlpha2(_Message):
    name: _b.str
    context_id: _b.str
    @property
    def inputs(self) -> _c.RepeatedCompositeFieldContainer[ConversationInputAlpha2]: ...
    @property
    def parameters(self) -> _c.MessageMap[_b.str, _google_protobuf_any_pb2.Any]: ...
    @property
    def metadata(self) -> _c.ScalarMap[_b.str, _b.str]: ...
    scrub_pii: _b.bool
    temperature: _b.float
    @property
    def tools(self) -> _c.RepeatedCompositeFieldContainer[ConversationTools]: ...
    tool_choice: _b.str
    @property
    def response_format(self) -> _google_protobuf_struct_pb2.Struct: ...
    @property
    def prompt_cache_retention(self) -> _google_protobuf_duration_pb2.Duration: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        context_id: _b.str | None = None,
        inputs: _Iterable[ConversationInputAlpha2] | None = None,
        parameters: _Mapping[_b.str, _google_protobuf_any_pb2.Any] | None = None,
        metadata: _Mapping[_b.str, _b.str] | None = None,
        scrub_pii: _b.bool | None = None,
        temperature: _b.float | None = None,
        tools: _Iterable[ConversationTools] | None = None,
        tool_choice: _b.str | None = None,
        response_format: _google_protobuf_struct_pb2.Struct | None = None,
        prompt_cache_retention: _google_protobuf_duration_pb2.Duration | None = None,
    ) -> None: ...

class ConversationInput(_Message):
    content: _b.str
    role: _b.str
    scrubPII: _b.bool
    def __init__(
        self,
        *,
        content: _b.str | None = None,
        role: _b.str | None = None,
        scrubPII: _b.bool | None = None,
    ) -> None: ...

class ConversationInputAlpha2(_Message):
    @property
    def messages(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessage]: ...
    scrub_pii: _b.bool
    def __init__(
        self,
        *,
        messages: _Iterable[ConversationMessage] | None = None,
        scrub_pii: _b.bool | None = None,
    ) -> None: ...

class ConversationMessage(_Message):
    @property
    def of_developer(self) -> ConversationMessageOfDeveloper: ...
    @property
    def of_system(self) -> ConversationMessageOfSystem: ...
    @property
    def of_user(self) -> ConversationMessageOfUser: ...
    @property
    def of_assistant(self) -> ConversationMessageOfAssistant: ...
    @property
    def of_tool(self) -> ConversationMessageOfTool: ...
    def __init__(
        self,
        *,
        of_developer: ConversationMessageOfDeveloper | None = None,
        of_system: ConversationMessageOfSystem | None = None,
        of_user: ConversationMessageOfUser | None = None,
        of_assistant: ConversationMessageOfAssistant | None = None,
        of_tool: ConversationMessageOfTool | None = None,
    ) -> None: ...

class ConversationMessageOfDeveloper(_Message):
    name: _b.str
    @property
    def content(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessageContent]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        content: _Iterable[ConversationMessageContent] | None = None,
    ) -> None: ...

class ConversationMessageOfSystem(_Message):
    name: _b.str
    @property
    def content(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessageContent]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        content: _Iterable[ConversationMessageContent] | None = None,
    ) -> None: ...

class ConversationMessageOfUser(_Message):
    name: _b.str
    @property
    def content(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessageContent]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        content: _Iterable[ConversationMessageContent] | None = None,
    ) -> None: ...

class ConversationMessageOfAssistant(_Message):
    name: _b.str
    @property
    def content(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessageContent]: ...
    @property
    def tool_calls(self) -> _c.RepeatedCompositeFieldContainer[ConversationToolCalls]: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        content: _Iterable[ConversationMessageContent] | None = None,
        tool_calls: _Iterable[ConversationToolCalls] | None = None,
    ) -> None: ...

class ConversationMessageOfTool(_Message):
    tool_id: _b.str
    name: _b.str
    @property
    def content(self) -> _c.RepeatedCompositeFieldContainer[ConversationMessageContent]: ...
    def __init__(
        self,
        *,
        tool_id: _b.str | None = None,
        name: _b.str | None = None,
        content: _Iterable[ConversationMessageContent] | None = None,
    ) -> None: ...

class ConversationToolCalls(_Message):
    id: _b.str
    @property
    def function(self) -> ConversationToolCallsOfFunction: ...
    def __init__(
        self,
        *,
        id: _b.str | None = None,
        function: ConversationToolCallsOfFunction | None = None,
    ) -> None: ...

class ConversationToolCallsOfFunction(_Message):
    name: _b.str
    arguments: _b.str
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        arguments: _b.str | None = None,
    ) -> None: ...

class ConversationMessageContent(_Message):
    text: _b.str
    def __init__(
        self,
        *,
        text: _b.str | None = None,
    ) -> None: ...

class ConversationResult(_Message):
    result: _b.str
    @property
    def parameters(self) -> _c.MessageMap[_b.str, _google_protobuf_any_pb2.Any]: ...
    def __init__(
        self,
        *,
        result: _b.str | None = None,
        parameters: _Mapping[_b.str, _google_protobuf_any_pb2.Any] | None = None,
    ) -> None: ...

class ConversationResultAlpha2(_Message):
    @property
    def choices(self) -> _c.RepeatedCompositeFieldContainer[ConversationResultChoices]: ...
    model: _b.str
    @property
    def usage(self) -> ConversationResultAlpha2CompletionUsage: ...
    def __init__(
        self,
        *,
        choices: _Iterable[ConversationResultChoices] | None = None,
        model: _b.str | None = None,
        usage: ConversationResultAlpha2CompletionUsage | None = None,
    ) -> None: ...

class ConversationResultAlpha2CompletionUsage(_Message):
    completion_tokens: _b.int
    prompt_tokens: _b.int
    total_tokens: _b.int
    @property
    def completion_tokens_details(self) -> ConversationResultAlpha2CompletionUsageCompletionTokensDetails: ...
    @property
    def prompt_tokens_details(self) -> ConversationResultAlpha2CompletionUsagePromptTokensDetails: ...
    def __init__(
        self,
        *,
        completion_tokens: _b.int | None = None,
        prompt_tokens: _b.int | None = None,
        total_tokens: _b.int | None = None,
        completion_tokens_details: ConversationResultAlpha2CompletionUsageCompletionTokensDetails | None = None,
        prompt_tokens_details: ConversationResultAlpha2CompletionUsagePromptTokensDetails | None = None,
    ) -> None: ...

class ConversationResultAlpha2CompletionUsageCompletionTokensDetails(_Message):
    accepted_prediction_tokens: _b.int
    audio_tokens: _b.int
    reasoning_tokens: _b.int
    rejected_prediction_tokens: _b.int
    def __init__(
        self,
        *,
        accepted_prediction_tokens: _b.int | None = None,
        audio_tokens: _b.int | None = None,
        reasoning_tokens: _b.int | None = None,
        rejected_prediction_tokens: _b.int | None = None,
    ) -> None: ...

class ConversationResultAlpha2CompletionUsagePromptTokensDetails(_Message):
    audio_tokens: _b.int
    cached_tokens: _b.int
    def __init__(
        self,
        *,
        audio_tokens: _b.int | None = None,
        cached_tokens: _b.int | None = None,
    ) -> None: ...

class ConversationResultChoices(_Message):
    finish_reason: _b.str
    index: _b.int
    @property
    def message(self) -> ConversationResultMessage: ...
    def __init__(
        self,
        *,
        finish_reason: _b.str | None = None,
        index: _b.int | None = None,
        message: ConversationResultMessage | None = None,
    ) -> None: ...

class ConversationResultMessage(_Message):
    content: _b.str
    @property
    def tool_calls(self) -> _c.RepeatedCompositeFieldContainer[ConversationToolCalls]: ...
    def __init__(
        self,
        *,
        content: _b.str | None = None,
        tool_calls: _Iterable[ConversationToolCalls] | None = None,
    ) -> None: ...

class ConversationResponse(_Message):
    contextID: _b.str
    @property
    def outputs(self) -> _c.RepeatedCompositeFieldContainer[ConversationResult]: ...
    def __init__(
        self,
        *,
        contextID: _b.str | None = None,
        outputs: _Iterable[ConversationResult] | None = None,
    ) -> None: ...

class ConversationResponseAlpha2(_Message):
    context_id: _b.str
    @property
    def outputs(self) -> _c.RepeatedCompositeFieldContainer[ConversationResultAlpha2]: ...
    def __init__(
        self,
        *,
        context_id: _b.str | None = None,
        outputs: _Iterable[ConversationResultAlpha2] | None = None,
    ) -> None: ...

class ConversationTools(_Message):
    @property
    def function(self) -> ConversationToolsFunction: ...
    def __init__(
        self,
        *,
        function: ConversationToolsFunction | None = None,
    ) -> None: ...

class ConversationToolsFunction(_Message):
    name: _b.str
    description: _b.str
    @property
    def parameters(self) -> _google_protobuf_struct_pb2.Struct: ...
    def __init__(
        self,
        *,
        name: _b.str | None = None,
        description: _b.str | None = None,
        parameters: _google_protobuf_struct_pb2.Struct | None = None,
    ) -> None: ...
