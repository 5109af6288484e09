declare global {
  /** The page's sockets, in order. */
  var sockets: WebSocket[];
}

/** overhear runs in a page before anything else: what its sockets beat is told as "heartbeat". */
export function overhear(): void {
  const { send } = WebSocket.prototype;
  globalThis.sockets = [];
  WebSocket.prototype.send = function (data) {
    const { type, activity } = JSON.parse(String(data));
    if (!sockets.includes(this)) sockets.push(this);
    if (type === "heartbeat") globalThis.told?.("heartbeat", activity, Date.now());
    send.call(this, data);
  };
}
