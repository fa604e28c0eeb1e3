/*
 * Work for another CPU: items go to a list without locks, and whoever finds it empty sends an IPI, whose handler takes
 * the whole list. The items and their counts are those of the adders.
 */
#include <linux/irq_work.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <ctcheck.h>

struct item {
	struct llist_node node;
	int done;
};

static struct item items[2];
static LLIST_HEAD(todo);

static void run_items(struct irq_work *work)
{
	struct llist_node *node = llist_del_all(&todo);

	while (node) {
		struct item *item = llist_entry(node, struct item, node);
		struct llist_node *next = llist_next(node);

		ctcheck_assert(!READ_ONCE(item->done));
		WRITE_ONCE(item->done, 1);
		node = next;
	}
}

static DEFINE_IRQ_WORK(run, run_items);

static void add_item(struct item *item)
{
	if (llist_add(&item->node, &todo))
		irq_work_queue_on(&run, 0);
}

CTCHECK_CPU(CPU0, .service = 1)
{
	for (;;)
		ctcheck_step();
}

CTCHECK_CPU(CPU1)
{
	add_item(&items[0]);
}

CTCHECK_CPU(CPU2)
{
	add_item(&items[1]);
}

CTCHECK_EVENTUALLY("all items are done", items[0].done && items[1].done);
CTCHECK_REACHED("both items are on the list", todo.first && todo.first->next);
