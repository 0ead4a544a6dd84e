"""Messages. Generated from dapr/proto/runtime/v1/pubsub.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.runtime.v1 import appcallback_pb2 as _runtime_v1_appcallback_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n"dapr/proto/runtime/v1/pubsub.proto\x12\x15dapr.proto.runtime.v1\x1a\'dap'
    b'r/proto/runtime/v1/appcallback.proto"\x9f\x02\n\x13PublishEventRequest\x12\x1f\n\x0b'
    b'pubsub_name\x18\x01 \x01(\tR\npubsubName\x12\x14\n\x05topic\x18\x02 \x01(\tR\x05topic\x12\x12\n\x04data\x18\x03 \x01('
    b'\x0cR\x04data\x12*\n\x11data_content_type\x18\x04 \x01(\tR\x0fdataContentType\x12T\n\x08metadata\x18'
    b'\x05 \x03(\x0b28.dapr.proto.runtime.v1.PublishEventRequest.MetadataEntryR'
    b'\x08metadata\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05val'
    b'ue:\x028\x01"\xa7\x02\n\x12BulkPublishRequest\x12\x1f\n\x0bpubsub_name\x18\x01 \x01(\tR\npubsubName\x12\x14'
    b'\n\x05topic\x18\x02 \x01(\tR\x05topic\x12H\n\x07entries\x18\x03 \x03(\x0b2..dapr.proto.runtime.v1.Bu'
    b'lkPublishRequestEntryR\x07entries\x12S\n\x08metadata\x18\x04 \x03(\x0b27.dapr.proto.ru'
    b'ntime.v1.BulkPublishRequest.MetadataEntryR\x08metadata\x1a;\n\rMetadataE'
    b'ntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x84\x02\n\x17BulkPublish'
    b'RequestEntry\x12\x19\n\x08entry_id\x18\x01 \x01(\tR\x07entryId\x12\x14\n\x05event\x18\x02 \x01(\x0cR\x05event\x12!\n'
    b'\x0ccontent_type\x18\x03 \x01(\tR\x0bcontentType\x12X\n\x08metadata\x18\x04 \x03(\x0b2<.dapr.proto.'
    b'runtime.v1.BulkPublishRequestEntry.MetadataEntryR\x08metadata\x1a;\n\rMe'
    b'tadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"r\n\x13BulkP'
    b'ublishResponse\x12[\n\rfailedEntries\x18\x01 \x03(\x0b25.dapr.proto.runtime.v1.Bu'
    b'lkPublishResponseFailedEntryR\rfailedEntries"Q\n\x1eBulkPublishRespon'
    b'seFailedEntry\x12\x19\n\x08entry_id\x18\x01 \x01(\tR\x07entryId\x12\x14\n\x05error\x18\x02 \x01(\tR\x05error"\xa4'
    b'\x02\n!SubscribeTopicEventsRequestAlpha1\x12j\n\x0finitial_request\x18\x01 \x01(\x0b2?.'
    b'dapr.proto.runtime.v1.SubscribeTopicEventsRequestInitialAlpha1H\x00'
    b'R\x0einitialRequest\x12l\n\x0fevent_processed\x18\x02 \x01(\x0b2A.dapr.proto.runtime.v'
    b'1.SubscribeTopicEventsRequestProcessedAlpha1H\x00R\x0eeventProcessedB%'
    b'\n#subscribe_topic_events_request_type"\xd0\x02\n(SubscribeTopicEventsRe'
    b'questInitialAlpha1\x12\x1f\n\x0bpubsub_name\x18\x01 \x01(\tR\npubsubName\x12\x14\n\x05topic\x18\x02 \x01'
    b'(\tR\x05topic\x12i\n\x08metadata\x18\x03 \x03(\x0b2M.dapr.proto.runtime.v1.SubscribeTop'
    b'icEventsRequestInitialAlpha1.MetadataEntryR\x08metadata\x12/\n\x11dead_let'
    b'ter_topic\x18\x04 \x01(\tH\x00R\x0fdeadLetterTopic\x88\x01\x01\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 '
    b'\x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01B\x14\n\x12_dead_letter_topic"\x7f\n*Subs'
    b'cribeTopicEventsRequestProcessedAlpha1\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12A\n\x06status'
    b'\x18\x02 \x01(\x0b2).dapr.proto.runtime.v1.TopicEventResponseR\x06status"\x8c\x02\n"Su'
    b'bscribeTopicEventsResponseAlpha1\x12m\n\x10initial_response\x18\x01 \x01(\x0b2@.dap'
    b'r.proto.runtime.v1.SubscribeTopicEventsResponseInitialAlpha1H\x00R\x0f'
    b'initialResponse\x12O\n\revent_message\x18\x02 \x01(\x0b2(.dapr.proto.runtime.v1.T'
    b'opicEventRequestH\x00R\x0ceventMessageB&\n$subscribe_topic_events_respo'
    b'nse_type"+\n)SubscribeTopicEventsResponseInitialAlpha1b\x06proto3'
)
