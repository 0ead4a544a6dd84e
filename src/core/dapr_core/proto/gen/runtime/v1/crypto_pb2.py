"""Messages. Generated from dapr/proto/runtime/v1/crypto.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.gen.common.v1 import common_pb2 as _common_v1_common_pb2
from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n"dapr/proto/runtime/v1/crypto.proto\x12\x15dapr.proto.runtime.v1\x1a!dap'
    b'r/proto/common/v1/common.proto"\xbe\x01\n\x13SubtleGetKeyRequest\x12%\n\x0ecompon'
    b'ent_name\x18\x01 \x01(\tR\rcomponentName\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x12L\n\x06format\x18\x03 \x01('
    b'\x0e24.dapr.proto.runtime.v1.SubtleGetKeyRequest.KeyFormatR\x06format"'
    b'\x1e\n\tKeyFormat\x12\x07\n\x03PEM\x10\x00\x12\x08\n\x04JSON\x10\x01"I\n\x14SubtleGetKeyResponse\x12\x12\n\x04name\x18'
    b'\x01 \x01(\tR\x04name\x12\x1d\n\npublic_key\x18\x02 \x01(\tR\tpublicKey"\xd3\x01\n\x14SubtleEncryptRequ'
    b'est\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rcomponentName\x12\x1c\n\tplaintext\x18\x02 \x01(\x0cR\tp'
    b'laintext\x12\x1c\n\talgorithm\x18\x03 \x01(\tR\talgorithm\x12\x19\n\x08key_name\x18\x04 \x01(\tR\x07keyNam'
    b"e\x12\x14\n\x05nonce\x18\x05 \x01(\x0cR\x05nonce\x12'\n\x0fassociated_data\x18\x06 \x01(\x0cR\x0eassociatedData"
    b'"I\n\x15SubtleEncryptResponse\x12\x1e\n\nciphertext\x18\x01 \x01(\x0cR\nciphertext\x12\x10\n\x03tag'
    b'\x18\x02 \x01(\x0cR\x03tag"\xe7\x01\n\x14SubtleDecryptRequest\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rco'
    b'mponentName\x12\x1e\n\nciphertext\x18\x02 \x01(\x0cR\nciphertext\x12\x1c\n\talgorithm\x18\x03 \x01(\tR\t'
    b'algorithm\x12\x19\n\x08key_name\x18\x04 \x01(\tR\x07keyName\x12\x14\n\x05nonce\x18\x05 \x01(\x0cR\x05nonce\x12\x10\n\x03ta'
    b'g\x18\x06 \x01(\x0cR\x03tag\x12\'\n\x0fassociated_data\x18\x07 \x01(\x0cR\x0eassociatedData"5\n\x15SubtleD'
    b'ecryptResponse\x12\x1c\n\tplaintext\x18\x01 \x01(\x0cR\tplaintext"\xda\x01\n\x14SubtleWrapKeyRe'
    b'quest\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rcomponentName\x12#\n\rplaintext_key\x18\x02 '
    b'\x01(\x0cR\x0cplaintextKey\x12\x1c\n\talgorithm\x18\x03 \x01(\tR\talgorithm\x12\x19\n\x08key_name\x18\x04 \x01('
    b"\tR\x07keyName\x12\x14\n\x05nonce\x18\x05 \x01(\x0cR\x05nonce\x12'\n\x0fassociated_data\x18\x06 \x01(\x0cR\x0eassoc"
    b'iatedData"J\n\x15SubtleWrapKeyResponse\x12\x1f\n\x0bwrapped_key\x18\x01 \x01(\x0cR\nwrapped'
    b'Key\x12\x10\n\x03tag\x18\x02 \x01(\x0cR\x03tag"\xea\x01\n\x16SubtleUnwrapKeyRequest\x12%\n\x0ecomponent_na'
    b'me\x18\x01 \x01(\tR\rcomponentName\x12\x1f\n\x0bwrapped_key\x18\x02 \x01(\x0cR\nwrappedKey\x12\x1c\n\talgo'
    b'rithm\x18\x03 \x01(\tR\talgorithm\x12\x19\n\x08key_name\x18\x04 \x01(\tR\x07keyName\x12\x14\n\x05nonce\x18\x05 \x01(\x0c'
    b"R\x05nonce\x12\x10\n\x03tag\x18\x06 \x01(\x0cR\x03tag\x12'\n\x0fassociated_data\x18\x07 \x01(\x0cR\x0eassociatedDa"
    b'ta">\n\x17SubtleUnwrapKeyResponse\x12#\n\rplaintext_key\x18\x01 \x01(\x0cR\x0cplaintextK'
    b'ey"\x8b\x01\n\x11SubtleSignRequest\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rcomponentName\x12'
    b'\x16\n\x06digest\x18\x02 \x01(\x0cR\x06digest\x12\x1c\n\talgorithm\x18\x03 \x01(\tR\talgorithm\x12\x19\n\x08key_nam'
    b'e\x18\x04 \x01(\tR\x07keyName"2\n\x12SubtleSignResponse\x12\x1c\n\tsignature\x18\x01 \x01(\x0cR\tsigna'
    b'ture"\xab\x01\n\x13SubtleVerifyRequest\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rcomponentN'
    b'ame\x12\x16\n\x06digest\x18\x02 \x01(\x0cR\x06digest\x12\x1c\n\talgorithm\x18\x03 \x01(\tR\talgorithm\x12\x19\n\x08key'
    b'_name\x18\x04 \x01(\tR\x07keyName\x12\x1c\n\tsignature\x18\x05 \x01(\x0cR\tsignature",\n\x14SubtleVeri'
    b'fyResponse\x12\x14\n\x05valid\x18\x01 \x01(\x08R\x05valid"\x97\x01\n\x0eEncryptRequest\x12F\n\x07options\x18\x01'
    b' \x01(\x0b2,.dapr.proto.runtime.v1.EncryptRequestOptionsR\x07options\x12=\n\x07p'
    b'ayload\x18\x02 \x01(\x0b2#.dapr.proto.common.v1.StreamPayloadR\x07payload"\xa6\x02\n\x15E'
    b'ncryptRequestOptions\x12%\n\x0ecomponent_name\x18\x01 \x01(\tR\rcomponentName\x12\x19\n\x08k'
    b'ey_name\x18\x02 \x01(\tR\x07keyName\x12,\n\x12key_wrap_algorithm\x18\x03 \x01(\tR\x10keyWrapAlgor'
    b'ithm\x124\n\x16data_encryption_cipher\x18\n \x01(\tR\x14dataEncryptionCipher\x127\n\x18om'
    b'it_decryption_key_name\x18\x0b \x01(\x08R\x15omitDecryptionKeyName\x12.\n\x13decryptio'
    b'n_key_name\x18\x0c \x01(\tR\x11decryptionKeyName"P\n\x0fEncryptResponse\x12=\n\x07payloa'
    b'd\x18\x01 \x01(\x0b2#.dapr.proto.common.v1.StreamPayloadR\x07payload"\x97\x01\n\x0eDecryp'
    b'tRequest\x12F\n\x07options\x18\x01 \x01(\x0b2,.dapr.proto.runtime.v1.DecryptRequest'
    b'OptionsR\x07options\x12=\n\x07payload\x18\x02 \x01(\x0b2#.dapr.proto.common.v1.StreamP'
    b'ayloadR\x07payload"Y\n\x15DecryptRequestOptions\x12%\n\x0ecomponent_name\x18\x01 \x01(\t'
    b'R\rcomponentName\x12\x19\n\x08key_name\x18\x0c \x01(\tR\x07keyName"P\n\x0fDecryptResponse\x12=\n'
    b'\x07payload\x18\x01 \x01(\x0b2#.dapr.proto.common.v1.StreamPayloadR\x07payloadb\x06pr'
    b'oto3'
)
