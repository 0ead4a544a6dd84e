package io.dapr;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;

/**
 * The book's gRPC client in Java: {@code Client port id [store]}.
 *
 * <p>It calls the method "greeting" of an application and prints the bytes of the answer. Where it is told a store, it
 * also saves, reads and deletes a value there, and prints a line for each reading.
 */
public final class Client {
    private static void greet(DaprGrpc.DaprBlockingStub dapr, String id) {
        Value greeting = Value.newBuilder().setStringValue("Hi, Dapr.").build();
        DaprProtos.InvokeServiceEnvelope request = DaprProtos.InvokeServiceEnvelope.newBuilder()
                .setId(id)
                .setMethod("greeting")
                .setData(Any.pack(greeting))
                .build();
        byte[] answer = dapr.invokeService(request).getData().getValue().toByteArray();
        System.out.write(answer, 0, answer.length);
        System.out.println();
    }

    private static Any text(String text) {
        return Any.newBuilder().setValue(ByteString.copyFromUtf8(text)).build();
    }

    private static String read(DaprGrpc.DaprBlockingStub dapr, String store) {
        DaprProtos.GetStateEnvelope request =
                DaprProtos.GetStateEnvelope.newBuilder().setStoreName(store).setKey("order").build();
        return dapr.getState(request).getData().getValue().toStringUtf8();
    }

    private static void remember(DaprGrpc.DaprBlockingStub dapr, String store) {
        DaprProtos.StateRequest order =
                DaprProtos.StateRequest.newBuilder().setKey("order").setValue(text("42")).build();
        dapr.saveState(DaprProtos.SaveStateEnvelope.newBuilder().setStoreName(store).addRequests(order).build());
        System.out.println("saved: " + read(dapr, store));
        dapr.deleteState(DaprProtos.DeleteStateEnvelope.newBuilder().setStoreName(store).setKey("order").build());
        System.out.println("deleted: " + read(dapr, store));
    }

    public static void main(String[] args) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", Integer.parseInt(args[0]))
                .usePlaintext()
                .build();
        DaprGrpc.DaprBlockingStub dapr = DaprGrpc.newBlockingStub(channel);
        greet(dapr, args[1]);
        if (args.length > 2) {
            remember(dapr, args[2]);
        }
        System.out.flush();
        channel.shutdownNow();
    }
}
