"""Messages. Generated from dapr/proto/components/v1/pubsub.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.components.v1 import common_pb2 as _components_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n%dapr/proto/components/v1/pubsub.proto\x12\x18dapr.proto.components.v'
    b'1\x1a%dapr/proto/components/v1/common.proto"+\n\x0fAckMessageError\x12\x18\n\x07m'
    b'essage\x18\x01 \x01(\tR\x07message"\xba\x01\n\x13PullMessagesRequest\x125\n\x05topic\x18\x01 \x01(\x0b2\x1f.d'
    b'apr.proto.components.v1.TopicR\x05topic\x12$\n\x0eack_message_id\x18\x02 \x01(\tR\x0cac'
    b'kMessageId\x12F\n\tack_error\x18\x03 \x01(\x0b2).dapr.proto.components.v1.AckMess'
    b'ageErrorR\x08ackError"Z\n\x11PubSubInitRequest\x12E\n\x08metadata\x18\x01 \x01(\x0b2).dapr'
    b'.proto.components.v1.MetadataRequestR\x08metadata"\x14\n\x12PubSubInitResp'
    b'onse"\x8f\x02\n\x0ePublishRequest\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12\x1f\n\x0bpubsub_name\x18\x02 \x01(\t'
    b'R\npubsubName\x12\x14\n\x05topic\x18\x03 \x01(\tR\x05topic\x12R\n\x08metadata\x18\x04 \x03(\x0b26.dapr.prot'
    b'o.components.v1.PublishRequest.MetadataEntryR\x08metadata\x12!\n\x0cconten'
    b't_type\x18\x05 \x01(\tR\x0bcontentType\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05'
    b'value\x18\x02 \x01(\tR\x05value:\x028\x01"\xa6\x02\n\x12BulkPublishRequest\x12D\n\x07entries\x18\x01 \x03(\x0b2*'
    b'.dapr.proto.components.v1.BulkMessageEntryR\x07entries\x12\x1f\n\x0bpubsub_na'
    b'me\x18\x02 \x01(\tR\npubsubName\x12\x14\n\x05topic\x18\x03 \x01(\tR\x05topic\x12V\n\x08metadata\x18\x04 \x03(\x0b2:.d'
    b'apr.proto.components.v1.BulkPublishRequest.MetadataEntryR\x08metada'
    b'ta\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"'
    b'\xf9\x01\n\x10BulkMessageEntry\x12\x19\n\x08entry_id\x18\x01 \x01(\tR\x07entryId\x12\x14\n\x05event\x18\x02 \x01(\x0cR\x05'
    b'event\x12!\n\x0ccontent_type\x18\x03 \x01(\tR\x0bcontentType\x12T\n\x08metadata\x18\x04 \x03(\x0b28.dap'
    b'r.proto.components.v1.BulkMessageEntry.MetadataEntryR\x08metadata\x1a;'
    b'\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"v\n\x13B'
    b'ulkPublishResponse\x12_\n\x0efailed_entries\x18\x01 \x03(\x0b28.dapr.proto.componen'
    b'ts.v1.BulkPublishResponseFailedEntryR\rfailedEntries"Q\n\x1eBulkPubli'
    b'shResponseFailedEntry\x12\x19\n\x08entry_id\x18\x01 \x01(\tR\x07entryId\x12\x14\n\x05error\x18\x02 \x01(\tR'
    b'\x05error"\x11\n\x0fPublishResponse"\xa3\x01\n\x05Topic\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12I\n\x08metad'
    b'ata\x18\x02 \x03(\x0b2-.dapr.proto.components.v1.Topic.MetadataEntryR\x08metada'
    b'ta\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"'
    b'\x93\x02\n\x14PullMessagesResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data\x12\x1d\n\ntopic_name\x18\x02 \x01(\t'
    b'R\ttopicName\x12X\n\x08metadata\x18\x03 \x03(\x0b2<.dapr.proto.components.v1.PullMes'
    b'sagesResponse.MetadataEntryR\x08metadata\x12!\n\x0ccontent_type\x18\x04 \x01(\tR\x0bcon'
    b'tentType\x12\x0e\n\x02id\x18\x05 \x01(\tR\x02id\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05v'
    b'alue\x18\x02 \x01(\tR\x05value:\x028\x01"\x0e\n\x0cPauseRequest"\x0f\n\rPauseResponse"\x0f\n\rResume'
    b'Request"\x10\n\x0eResumeResponse2\x9b\x06\n\x06PubSub\x12a\n\x04Init\x12+.dapr.proto.compon'
    b'ents.v1.PubSubInitRequest\x1a,.dapr.proto.components.v1.PubSubInitR'
    b'esponse\x12a\n\x08Features\x12).dapr.proto.components.v1.FeaturesRequest\x1a*'
    b'.dapr.proto.components.v1.FeaturesResponse\x12^\n\x07Publish\x12(.dapr.pro'
    b'to.components.v1.PublishRequest\x1a).dapr.proto.components.v1.Publi'
    b'shResponse\x12j\n\x0bBulkPublish\x12,.dapr.proto.components.v1.BulkPublish'
    b'Request\x1a-.dapr.proto.components.v1.BulkPublishResponse\x12q\n\x0cPullMe'
    b'ssages\x12-.dapr.proto.components.v1.PullMessagesRequest\x1a..dapr.pro'
    b'to.components.v1.PullMessagesResponse(\x010\x01\x12X\n\x05Pause\x12&.dapr.proto.'
    b"components.v1.PauseRequest\x1a'.dapr.proto.components.v1.PauseRespo"
    b"nse\x12[\n\x06Resume\x12'.dapr.proto.components.v1.ResumeRequest\x1a(.dapr.pr"
    b'oto.components.v1.ResumeResponse\x12U\n\x04Ping\x12%.dapr.proto.components'
    b'.v1.PingRequest\x1a&.dapr.proto.components.v1.PingResponseb\x06proto3'
)
