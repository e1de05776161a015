import java.net.InetSocketAddress;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * Amazon's DynamoDB Local in memory, on 127.0.0.1 alone: its own main listens on every address of the machine and
 * reports its start to Amazon. Prints the port when it is ready.
 */
final class LoopbackServer {
  public static void main(String[] args) throws Exception {
    boolean inMemory = true;
    boolean oneDatabaseForAllKeys = true;
    boolean delayedStatuses = false;
    var requests = new LocalDynamoDBRequestHandler(0, inMemory, null, oneDatabaseForAllKeys, delayedStatuses);
    var server = new Server(new InetSocketAddress("127.0.0.1", 0));
    server.setHandler(new ContextHandler(new LocalDynamoDBServerHandler(requests, null), "/"));
    server.start();
    System.out.println(((NetworkConnector) server.getConnectors()[0]).getLocalPort());
    server.join();
  }
}
