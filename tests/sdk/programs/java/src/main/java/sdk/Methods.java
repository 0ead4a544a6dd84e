package sdk;

import io.dapr.client.DaprClient;
import io.dapr.client.DaprPreviewClient;
import io.dapr.workflows.client.DaprWorkflowClient;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;

/** What the SDK's clients offer, by the names of their methods. */
final class Methods {
  private Methods() {}

  static Map<String, TreeSet<String>> offered() {
    return Map.of(
        "DaprClient", of(DaprClient.class),
        "DaprPreviewClient", of(DaprPreviewClient.class),
        "DaprWorkflowClient", of(DaprWorkflowClient.class));
  }

  private static TreeSet<String> of(Class<?> client) {
    TreeSet<String> names = new TreeSet<>();
    Arrays.stream(client.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .map(Method::getName)
        .forEach(names::add);
    return names;
  }
}
