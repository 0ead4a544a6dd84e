package interop;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import java.nio.file.Files;
import java.nio.file.Path;

/** The messages and methods of the interoperability tests, read from a descriptor set. */
final class Protocol {
    private final FileDescriptor file;

    Protocol(Path descriptors) throws Exception {
        FileDescriptorSet set = FileDescriptorSet.parseFrom(Files.readAllBytes(descriptors));
        file = FileDescriptor.buildFrom(set.getFile(0), new FileDescriptor[0]);
    }

    Descriptor type(String name) {
        return file.findMessageTypeByName(name);
    }

    DynamicMessage.Builder message(String name) {
        return DynamicMessage.newBuilder(type(name));
    }

    DynamicMessage empty() {
        return message("Empty").build();
    }

    DynamicMessage payload(int size) {
        return set(message("Payload"), "body", ByteString.copyFrom(new byte[size])).build();
    }

    static DynamicMessage.Builder set(DynamicMessage.Builder builder, String field, Object value) {
        return builder.setField(builder.getDescriptorForType().findFieldByName(field), value);
    }

    static Object get(DynamicMessage message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }

    static int bodySize(DynamicMessage message) {
        return ((ByteString) get((DynamicMessage) get(message, "payload"), "body")).size();
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> method(
            String service, String name, MethodType kind, String request, String response) {
        return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                .setType(kind)
                .setFullMethodName(MethodDescriptor.generateFullMethodName("grpc.testing." + service, name))
                .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type(request))))
                .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type(response))))
                .build();
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> emptyCall(String service, String name) {
        return method(service, name, MethodType.UNARY, "Empty", "Empty");
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> unary() {
        return method("TestService", "UnaryCall", MethodType.UNARY, "SimpleRequest", "SimpleResponse");
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> output() {
        return method("TestService", "StreamingOutputCall", MethodType.SERVER_STREAMING,
                "StreamingOutputCallRequest", "StreamingOutputCallResponse");
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> input() {
        return method("TestService", "StreamingInputCall", MethodType.CLIENT_STREAMING,
                "StreamingInputCallRequest", "StreamingInputCallResponse");
    }

    MethodDescriptor<DynamicMessage, DynamicMessage> duplex() {
        return method("TestService", "FullDuplexCall", MethodType.BIDI_STREAMING,
                "StreamingOutputCallRequest", "StreamingOutputCallResponse");
    }
}
