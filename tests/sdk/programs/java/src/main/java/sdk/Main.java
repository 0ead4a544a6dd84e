package sdk;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/**
 * Programs of a user of the official Java SDK. The first argument chooses one; each prints JSON on lines of its own.
 *
 * <ul>
 *   <li>{@code methods}: what the SDK's clients offer
 *   <li>{@code client}: uses every block of its sidecar, and tells what each method gave
 *   <li>{@code later}: tries what belongs to blocks that are not in service, and tells how it is refused
 *   <li>{@code app PORT}: an application on gRPC
 * </ul>
 */
public final class Main {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Main() {}

  public static void main(String[] words) {
    try {
      run(words);
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1); // the SDK leaves threads of its HTTP client behind
    }
  }

  private static void run(String[] words) throws Exception {
    switch (words[0]) {
      case "methods" -> tell(Methods.offered());
      case "client" -> tell(Client.useEverything());
      case "later" -> tell(Later.tryEverything());
      case "app" -> {
        GrpcApplication.run(Integer.parseInt(words[1]));
        return;
      }
      default -> throw new IllegalArgumentException("no program " + words[0]);
    }
    System.exit(0);
  }

  /** Prints one thing as a line of its own, whole. */
  static void tell(Map<String, ?> what) {
    try {
      String line = JSON.writeValueAsString(what);
      synchronized (Main.class) {
        System.out.println(line);
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }

  /** What a call refuses with. */
  static String refusal(Call call) {
    try {
      call.run();
    } catch (Exception error) {
      return String.valueOf(error.getMessage());
    }
    return "none: it worked";
  }

  /** Something that may be refused. */
  interface Call {
    void run() throws Exception;
  }
}
