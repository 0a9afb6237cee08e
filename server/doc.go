/*
What stands where, and the one road that every change takes.

	intake ──► use case ──► one transaction (records + events) ──► log ──► followers ──► out
	ws, http,   chat.Post    store.Update: tables, tx.Emit          Seq     hub, search,   sockets, index,
	webhook,    incident.Receive                                            runner, notify replies, mail
	timer

A change is announced by emitting an event in the transaction that makes it. No use case calls the hub, the index or a
bot: they follow the log, and when one of them wants a change it calls a use case like everybody else.

A package imports only lower floors; floors_test.go enforces it:

	8  cmd/watchroom        reads the configuration
	7  server               wiring only
	6  server/web           HTTP and the socket's handshake; the only importer of Fiber and of the websocket package
	   bots/ops, checks     the bots
	5  server/hub           live sockets and resume
	   server/notify        ntfy and mail
	   bots/runner          commands
	4  server/wire          the protocol: events, frames, the TypeScript made from them
	3  server/incident      integrations, incidents, the paging engine, rotas
	2  server/chat          rooms, messages, files, read marks, who may read and search what
	1  server/account       people, passwords, sessions, tokens, roles
	   server/oncall        who is on call, how a page climbs (pure)
	   server/alert         what each sender posts (pure)
	   store/boltkv memkv search blob storetest
	0  store                batches, tables, log, cursors, backup
	   server/id fault meter, webui

Stopping goes the other way: sockets are drained, requests in flight answered, followers ended, the store closed last.
*/
package server
