package interop;

import static interop.Protocol.bodySize;
import static interop.Protocol.get;
import static interop.Protocol.set;

import com.google.protobuf.DynamicMessage;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** The server's half of the interoperability cases: {@code Server descriptors [certificate key]}. Prints its port. */
public final class Server {
    static final Metadata.Key<String> INITIAL =
            Metadata.Key.of("x-grpc-test-echo-initial", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<byte[]> TRAILING =
            Metadata.Key.of("x-grpc-test-echo-trailing-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private final Protocol protocol;

    private Server(Protocol protocol) {
        this.protocol = protocol;
    }

    /** Sends back the two fields that the case custom_metadata looks for. */
    private static final class EchoMetadata implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata asked, ServerCallHandler<Q, A> next) {
            return next.startCall(new SimpleForwardingServerCall<Q, A>(call) {
                @Override
                public void sendHeaders(Metadata headers) {
                    if (asked.containsKey(INITIAL)) {
                        headers.put(INITIAL, asked.get(INITIAL));
                    }
                    super.sendHeaders(headers);
                }

                @Override
                public void close(Status status, Metadata trailers) {
                    if (asked.containsKey(TRAILING)) {
                        trailers.put(TRAILING, asked.get(TRAILING));
                    }
                    super.close(status, trailers);
                }
            }, asked);
        }
    }

    private static boolean refused(DynamicMessage request, StreamObserver<DynamicMessage> answers) {
        var field = request.getDescriptorForType().findFieldByName("response_status");
        if (!request.hasField(field)) {
            return false;
        }
        DynamicMessage wanted = (DynamicMessage) request.getField(field);
        answers.onError(Status.fromCodeValue((Integer) get(wanted, "code"))
                .withDescription((String) get(wanted, "message"))
                .asRuntimeException());
        return true;
    }

    private void answer(DynamicMessage request, StreamObserver<DynamicMessage> answers) {
        for (Object parameters : (List<?>) get(request, "response_parameters")) {
            int size = (Integer) get((DynamicMessage) parameters, "size");
            answers.onNext(set(protocol.message("StreamingOutputCallResponse"), "payload", protocol.payload(size)).build());
        }
    }

    private ServerServiceDefinition service() {
        return ServerServiceDefinition.builder("grpc.testing.TestService")
                .addMethod(protocol.emptyCall("TestService", "EmptyCall"),
                        ServerCalls.asyncUnaryCall((request, answers) -> {
                            answers.onNext(protocol.empty());
                            answers.onCompleted();
                        }))
                .addMethod(protocol.unary(), ServerCalls.asyncUnaryCall((request, answers) -> {
                    if (!refused(request, answers)) {
                        int size = (Integer) get(request, "response_size");
                        answers.onNext(set(protocol.message("SimpleResponse"), "payload", protocol.payload(size)).build());
                        answers.onCompleted();
                    }
                }))
                .addMethod(protocol.output(), ServerCalls.asyncServerStreamingCall((request, answers) -> {
                    if (!refused(request, answers)) {
                        answer(request, answers);
                        answers.onCompleted();
                    }
                }))
                .addMethod(protocol.input(), ServerCalls.asyncClientStreamingCall(this::sum))
                .addMethod(protocol.duplex(), ServerCalls.asyncBidiStreamingCall(this::converse))
                .build();
    }

    private StreamObserver<DynamicMessage> sum(StreamObserver<DynamicMessage> answers) {
        return new StreamObserver<>() {
            private int total;

            @Override
            public void onNext(DynamicMessage request) {
                total += bodySize(request);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                answers.onNext(set(protocol.message("StreamingInputCallResponse"), "aggregated_payload_size", total).build());
                answers.onCompleted();
            }
        };
    }

    private StreamObserver<DynamicMessage> converse(StreamObserver<DynamicMessage> answers) {
        return new StreamObserver<>() {
            private boolean over;

            @Override
            public void onNext(DynamicMessage request) {
                over = over || refused(request, answers);
                if (!over) {
                    answer(request, answers);
                }
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                if (!over) {
                    answers.onCompleted();
                }
            }
        };
    }

    public static void main(String[] args) throws Exception {
        Server server = new Server(new Protocol(Path.of(args[0])));
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(ServerInterceptors.intercept(server.service(), new EchoMetadata()));
        if (args.length > 1) {
            builder.sslContext(GrpcSslContexts.forServer(new File(args[1]), new File(args[2])).build());
        }
        io.grpc.Server running = builder.build().start();
        System.out.println("port " + running.getPort());
        System.in.read();
        running.shutdownNow();
    }
}
