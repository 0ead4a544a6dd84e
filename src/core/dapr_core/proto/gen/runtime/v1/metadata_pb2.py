"""Messages. Generated from dapr/proto/runtime/v1/metadata.proto by tools/generate_protos.py: do not edit."""

from __future__ import annotations

from dapr_core.proto.pool import register as _register

DESCRIPTOR, __getattr__ = _register(
    globals(),
    b'\n$dapr/proto/runtime/v1/metadata.proto\x12\x15dapr.proto.runtime.v1"\x14\n'
    b'\x12GetMetadataRequest"\x87\n\n\x13GetMetadataResponse\x12\x0e\n\x02id\x18\x01 \x01(\tR\x02id\x12\\\n\x13a'
    b'ctive_actors_count\x18\x02 \x03(\x0b2(.dapr.proto.runtime.v1.ActiveActorsCou'
    b'ntB\x02\x18\x01R\x11activeActorsCount\x12`\n\x15registered_components\x18\x03 \x03(\x0b2+.dapr.'
    b'proto.runtime.v1.RegisteredComponentsR\x14registeredComponents\x12m\n\x11e'
    b'xtended_metadata\x18\x04 \x03(\x0b2@.dapr.proto.runtime.v1.GetMetadataRespon'
    b'se.ExtendedMetadataEntryR\x10extendedMetadata\x12O\n\rsubscriptions\x18\x05 \x03('
    b'\x0b2).dapr.proto.runtime.v1.PubsubSubscriptionR\rsubscriptions\x12R\n\x0eh'
    b'ttp_endpoints\x18\x06 \x03(\x0b2+.dapr.proto.runtime.v1.MetadataHTTPEndpoint'
    b'R\rhttpEndpoints\x12j\n\x19app_connection_properties\x18\x07 \x01(\x0b2..dapr.proto.'
    b"runtime.v1.AppConnectionPropertiesR\x17appConnectionProperties\x12'\n\x0fr"
    b'untime_version\x18\x08 \x01(\tR\x0eruntimeVersion\x12)\n\x10enabled_features\x18\t \x03(\tR\x0f'
    b'enabledFeatures\x12H\n\ractor_runtime\x18\n \x01(\x0b2#.dapr.proto.runtime.v1.A'
    b'ctorRuntimeR\x0cactorRuntime\x12K\n\tscheduler\x18\x0b \x01(\x0b2(.dapr.proto.runtim'
    b'e.v1.MetadataSchedulerH\x00R\tscheduler\x88\x01\x01\x12K\n\tworkflows\x18\x0c \x01(\x0b2(.dapr'
    b'.proto.runtime.v1.MetadataWorkflowsH\x01R\tworkflows\x88\x01\x01\x12I\n\x0bmcp_serve'
    b'rs\x18\r \x03(\x0b2(.dapr.proto.runtime.v1.MetadataMCPServerR\nmcpServers\x12m'
    b'\n\x18workflow_access_policies\x18\x0e \x03(\x0b23.dapr.proto.runtime.v1.Metadat'
    b'aWorkflowAccessPolicyR\x16workflowAccessPolicies\x12M\n\x0cresiliencies\x18\x0f '
    b'\x03(\x0b2).dapr.proto.runtime.v1.MetadataResiliencyR\x0cresiliencies\x1aC\n\x15'
    b'ExtendedMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028'
    b'\x01B\x0c\n\n_schedulerB\x0c\n\n_workflows"@\n\x11MetadataWorkflows\x12+\n\x11connected_'
    b'workers\x18\x01 \x01(\x05R\x10connectedWorkers"D\n\x11MetadataScheduler\x12/\n\x13connecte'
    b'd_addresses\x18\x01 \x03(\tR\x12connectedAddresses"\xbc\x02\n\x0cActorRuntime\x12]\n\x0eruntim'
    b'e_status\x18\x01 \x01(\x0e26.dapr.proto.runtime.v1.ActorRuntime.ActorRuntime'
    b'StatusR\rruntimeStatus\x12M\n\ractive_actors\x18\x02 \x03(\x0b2(.dapr.proto.runtim'
    b'e.v1.ActiveActorsCountR\x0cactiveActors\x12\x1d\n\nhost_ready\x18\x03 \x01(\x08R\thostRe'
    b'ady\x12\x1c\n\tplacement\x18\x04 \x01(\tR\tplacement"A\n\x12ActorRuntimeStatus\x12\x10\n\x0cINITI'
    b'ALIZING\x10\x00\x12\x0c\n\x08DISABLED\x10\x01\x12\x0b\n\x07RUNNING\x10\x02"=\n\x11ActiveActorsCount\x12\x12\n\x04typ'
    b'e\x18\x01 \x01(\tR\x04type\x12\x14\n\x05count\x18\x02 \x01(\x05R\x05count"|\n\x14RegisteredComponents\x12\x12\n\x04n'
    b'ame\x18\x01 \x01(\tR\x04name\x12\x12\n\x04type\x18\x02 \x01(\tR\x04type\x12\x18\n\x07version\x18\x03 \x01(\tR\x07version\x12"\n'
    b'\x0ccapabilities\x18\x04 \x03(\tR\x0ccapabilities"*\n\x14MetadataHTTPEndpoint\x12\x12\n\x04nam'
    b'e\x18\x01 \x01(\tR\x04name"\'\n\x11MetadataMCPServer\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name"2\n\x1cMetada'
    b'taWorkflowAccessPolicy\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name"(\n\x12MetadataResiliency'
    b'\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name"\xe9\x01\n\x17AppConnectionProperties\x12\x12\n\x04port\x18\x01 \x01(\x05R\x04'
    b"port\x12\x1a\n\x08protocol\x18\x02 \x01(\tR\x08protocol\x12'\n\x0fchannel_address\x18\x03 \x01(\tR\x0echann"
    b"elAddress\x12'\n\x0fmax_concurrency\x18\x04 \x01(\x05R\x0emaxConcurrency\x12L\n\x06health\x18\x05 \x01"
    b'(\x0b24.dapr.proto.runtime.v1.AppConnectionHealthPropertiesR\x06health'
    b'"\xdc\x01\n\x1dAppConnectionHealthProperties\x12*\n\x11health_check_path\x18\x01 \x01(\tR\x0fh'
    b'ealthCheckPath\x122\n\x15health_probe_interval\x18\x02 \x01(\tR\x13healthProbeInterv'
    b'al\x120\n\x14health_probe_timeout\x18\x03 \x01(\tR\x12healthProbeTimeout\x12)\n\x10health_t'
    b'hreshold\x18\x04 \x01(\x05R\x0fhealthThreshold"\x92\x03\n\x12PubsubSubscription\x12\x1f\n\x0bpubsub'
    b'_name\x18\x01 \x01(\tR\npubsubName\x12\x14\n\x05topic\x18\x02 \x01(\tR\x05topic\x12S\n\x08metadata\x18\x03 \x03(\x0b2'
    b'7.dapr.proto.runtime.v1.PubsubSubscription.MetadataEntryR\x08metada'
    b'ta\x12D\n\x05rules\x18\x04 \x01(\x0b2..dapr.proto.runtime.v1.PubsubSubscriptionRule'
    b'sR\x05rules\x12*\n\x11dead_letter_topic\x18\x05 \x01(\tR\x0fdeadLetterTopic\x12A\n\x04type\x18\x06 \x01'
    b'(\x0e2-.dapr.proto.runtime.v1.PubsubSubscriptionTypeR\x04type\x1a;\n\rMetad'
    b'ataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"^\n\x17PubsubSu'
    b'bscriptionRules\x12C\n\x05rules\x18\x01 \x03(\x0b2-.dapr.proto.runtime.v1.PubsubSub'
    b'scriptionRuleR\x05rules"B\n\x16PubsubSubscriptionRule\x12\x14\n\x05match\x18\x01 \x01(\tR\x05m'
    b'atch\x12\x12\n\x04path\x18\x02 \x01(\tR\x04path"<\n\x12SetMetadataRequest\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key'
    b'\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value*W\n\x16PubsubSubscriptionType\x12\x0b\n\x07UNKNOWN\x10\x00\x12\x0f\n'
    b'\x0bDECLARATIVE\x10\x01\x12\x10\n\x0cPROGRAMMATIC\x10\x02\x12\r\n\tSTREAMING\x10\x03b\x06proto3'
)
