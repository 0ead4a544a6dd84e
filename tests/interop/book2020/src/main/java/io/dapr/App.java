package io.dapr;

import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;

/** A gRPC application as the book has it in Java: it serves {@code dapr.Dapr} itself, on the port it is given. */
public final class App {
    private static final class Greeter extends DaprGrpc.DaprImplBase {
        @Override
        public void invokeService(
                DaprProtos.InvokeServiceEnvelope request,
                StreamObserver<DaprProtos.InvokeServiceResponseEnvelope> answers) {
            System.out.println("called: " + request.getMethod() + " " + request.getData().getValue().toStringUtf8());
            StringValue greeting = StringValue.newBuilder().setValue("Hello, World!").build();
            answers.onNext(DaprProtos.InvokeServiceResponseEnvelope.newBuilder().setData(Any.pack(greeting)).build());
            answers.onCompleted();
        }
    }

    public static void main(String[] args) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        Server server = NettyServerBuilder.forAddress(address).addService(new Greeter()).build().start();
        System.out.println("Server started.");
        server.awaitTermination();
    }
}
