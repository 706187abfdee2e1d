// The timer of a worker: unlike a page's own, a browser does not slow it down when the tab is hidden.
self.onmessage = ({ data: { id, ms } }) => setTimeout(() => self.postMessage(id), ms);
