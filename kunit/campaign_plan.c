// SPDX-License-Identifier: GPL-2.0
/*
 * Injections: their names, and how each kind of fault is brought about.
 *
 * A name is workload:operation#occurrence=status@phase; a pair's second half
 * follows after a plus sign.  What is not the hardware's is named after the step,
 * as in alloc.start#3=ENOMEM@before; then the occurrence counts within the step.
 */
#include <linux/falloc.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "campaign.h"
#include "../../../arch/x86/virt/sim/tdx.h"

static const char * const kinds[CAMP_NR_KINDS] = {
	[CAMP_HW] = "hw", [CAMP_ALLOC] = "alloc", [CAMP_GUP] = "gup", [CAMP_COPY] = "copy",
	[CAMP_SIGNAL] = "signal", [CAMP_POISON] = "poison", [CAMP_ATTR] = "attr",
	[CAMP_CLOSE] = "close", [CAMP_SLOT] = "slot", [CAMP_HOLE] = "hole",
	[CAMP_CPUID] = "cpuid",
	[CAMP_CALL] = "call", [CAMP_STOP] = "stop",
};

static const char * const phases[CAMP_NR_PHASES] = {
	[CAMP_BEFORE] = "before", [CAMP_AFTER] = "after", [CAMP_BUSY] = "busy",
	[CAMP_EVER] = "ever",
};

/* What can become of the things that are not the hardware's; the index is the status. */
static const char * const statuses[CAMP_NR_KINDS][3] = {
	[CAMP_ALLOC] = { "ENOMEM" },
	[CAMP_GUP] = { "UNMAPPED", "NOACCESS", "NONE" },
	[CAMP_COPY] = { "EFAULT" },
	[CAMP_SIGNAL] = { "INT", "KILL" },
	[CAMP_POISON] = { "SOURCE", "TARGET", "MAPPED" },
	[CAMP_ATTR] = { "SHARED" },
	[CAMP_CLOSE] = { "GMEM", "SEV" },
	[CAMP_SLOT] = { "DELETED", "MOVED", "REMADE" },
	[CAMP_HOLE] = { "NEXT", "FIRST" },
	[CAMP_CPUID] = { "CORRECTED" },
	[CAMP_STOP] = { "GIVEUP" },
};

#define TIMEOUT		"TIMEOUT"

const char *camp_status_at(enum camp_kind kind, u32 i)
{
	if (kind == CAMP_CALL)
		return camp_call_name(i);
	return i < ARRAY_SIZE(statuses[0]) ? statuses[kind][i] : NULL;
}

/* The kind as the host's tools know it */
const char *camp_kind_name(const struct camp_fault *f)
{
	if (f->kind != CAMP_HW)
		return kinds[f->kind];
	return f->op >= SIM_OP_SEAMCALL ? "seamcall" : f->op >= SIM_OP_INSN ? "rmp" : "psp";
}

void camp_op_name(const struct camp_workload *w, const struct camp_fault *f, char *buf,
		  size_t len)
{
	if (f->kind == CAMP_HW)
		strscpy(buf, sim_op_name(f->op), len);
	else
		scnprintf(buf, len, "%s.%s", kinds[f->kind], w->steps[f->step].name);
}

void camp_status_name(const struct camp_fault *f, char *buf, size_t len)
{
	if (f->timeout)
		strscpy(buf, TIMEOUT, len);
	else if (f->kind == CAMP_HW)
		sim_fault_status_name(f->op, f->status, buf, len);
	else
		strscpy(buf, camp_status_at(f->kind, f->status), len);
}

/**
 * camp_id() - name of an injection
 * @in: injection
 * @buf: gets the name
 * @len: room, CAMP_ID is enough
 */
void camp_id(const struct camp_injection *in, char *buf, size_t len)
{
	char op[48], status[48];
	unsigned int i;
	size_t n;

	n = scnprintf(buf, len, "%s:", in->w->name);
	for (i = 0; i < in->nr; i++) {
		const struct camp_fault *f = &in->f[i];

		camp_op_name(in->w, f, op, sizeof(op));
		camp_status_name(f, status, sizeof(status));
		n += scnprintf(buf + n, len - n, "%s%s#%u=%s@%s", i ? "+" : "", op, f->occ,
			       status, phases[f->phase]);
	}
}

static int find_step(const struct camp_workload *w, const char *name)
{
	int i;

	for (i = 0; w->steps[i].name; i++)
		if (!strcmp(w->steps[i].name, name))
			return i;
	return -1;
}

static bool parse_op(const struct camp_workload *w, char *op, struct camp_fault *f)
{
	char *step = strchr(op, '.');
	int i, n;

	/* The leaves of SEAMCALL have dots in their names, too. */
	n = sim_op_by_name(op);
	if (n >= 0) {
		f->kind = CAMP_HW;
		f->op = n;
		return true;
	}
	if (!step)
		return false;
	*step++ = '\0';
	for (i = CAMP_ALLOC; i < CAMP_NR_KINDS; i++) {
		if (strcmp(kinds[i], op))
			continue;
		n = find_step(w, step);
		f->kind = i;
		f->step = n;
		return n >= 0;
	}
	return false;
}

static bool parse_status(const char *name, struct camp_fault *f)
{
	char buf[48];
	u32 i;

	if (f->kind != CAMP_HW) {
		for (i = 0; camp_status_at(f->kind, i); i++) {
			f->status = i;
			if (!strcmp(camp_status_at(f->kind, i), name))
				return true;
		}
		return false;
	}
	if (!strcmp(name, TIMEOUT)) {
		f->timeout = true;
		return true;
	}
	for (i = 0; sim_fault_status(f->op, i, &f->status); i++) {
		sim_fault_status_name(f->op, f->status, buf, sizeof(buf));
		if (!strcmp(buf, name))
			return true;
	}
	return false;
}

static bool parse_fault(const struct camp_workload *w, char *text, struct camp_fault *f)
{
	char *status, *occ, *phase;
	int i;

	phase = strrchr(text, '@');
	status = strrchr(text, '=');
	occ = strrchr(text, '#');
	if (!phase || !status || !occ || !(occ < status && status < phase))
		return false;
	*phase++ = '\0';
	*status++ = '\0';
	*occ++ = '\0';
	if (kstrtou32(occ, 10, &f->occ) || !f->occ)
		return false;
	i = match_string(phases, CAMP_NR_PHASES, phase);
	if (i < 0)
		return false;
	f->phase = i;
	return parse_op(w, text, f) && parse_status(status, f);
}

/**
 * camp_parse() - find an injection by its name
 * @id: name
 * @in: the injection
 *
 * Return: 0, or -EINVAL.
 */
int camp_parse(const char *id, struct camp_injection *in)
{
	char buf[CAMP_ID], *rest, *half;
	int i;

	memset(in, 0, sizeof(*in));
	if (strscpy(buf, id) < 0)
		return -EINVAL;
	rest = strchr(buf, ':');
	if (!rest)
		return -EINVAL;
	*rest++ = '\0';
	for (i = 0; camp_workloads[i]; i++)
		if (!strcmp(camp_workloads[i]->name, buf))
			in->w = camp_workloads[i];
	if (!in->w)
		return -EINVAL;
	while ((half = strsep(&rest, "+"))) {
		if (in->nr == CAMP_MAX_FAULTS || !parse_fault(in->w, half, &in->f[in->nr]))
			return -EINVAL;
		in->nr++;
	}
	return in->nr ? 0 : -EINVAL;
}

/* Delivery ----------------------------------------------------------------------- */

/* An address at which a kernel thread's user memory has nothing */
#define NOWHERE		0x1000UL

static struct {
	const struct camp_injection *in;
	int hw[CAMP_MAX_FAULTS];
	bool delivered[CAMP_MAX_FAULTS];
	u32 passed;
	u32 signal_at;			/* which operation of the step, 0: none */
	bool signal_late;
	int signal;
	unsigned int signal_fault;
	struct folio *poisoned;
	unsigned int unmapped;		/* page of the source, plus one */
	unsigned int flipped;		/* page of the slot, plus one */
	unsigned long mapped;		/* where user space has a page that went bad */
	unsigned int mapped_page;	/* its number in the slot */
	unsigned long unpinned;		/* where a page is not pinned, 0: nowhere */
	unsigned int unpinned_fault;
	unsigned int slot;		/* that is elsewhere, plus one */
	bool slot_moved;
	bool spoilt;
	u32 lost;			/* pages that the caller has taken away, by number */
} plan;

/* What user space remembers of a page that goes bad */
static u8 remembered[PAGE_SIZE];

/* Nothing of the kernel's runs while a vCPU does: a signal comes before or after that. */
bool camp_signal_can_come(u16 op)
{
	return op < SIM_OP_TDCALL && op != SIM_OP_SEAMCALL + SIM_TDH_VP_ENTER &&
	       op != SIM_OP_PVALIDATE && op != SIM_OP_RMPADJUST;
}

/* A signal comes while the step is at an operation of the hardware. */
static void send_at(const struct sim_ledger_entry *e)
{
	if (!plan.signal_at || !camp_signal_can_come(e->op) ||
	    e->pid != task_pid_nr(current) || ++plan.passed != plan.signal_at)
		return;
	plan.delivered[plan.signal_fault] = true;
	if (plan.signal)
		kt_kill_self();
	else
		kt_signal_self();
}

static void observe(void *ctx, const struct sim_ledger_entry *e, bool done)
{
	if (!done)
		send_at(e);
	else if (e->injected)
		camp_who_note(e->op);
}

void camp_plan_begin(const struct camp_injection *in)
{
	unsigned int i;

	memset(&plan, 0, sizeof(plan));
	plan.in = in;
	camp_who_begin();
	sim_fault_clear();
	for (i = 0; in && i < in->nr; i++) {
		const struct camp_fault *f = &in->f[i];
		struct sim_fault sf = {
			.op = f->op,
			.nth = f->occ,
			.times = f->phase == CAMP_EVER ? 0 :
				 f->phase == CAMP_BUSY ? CAMP_BUSY_TIMES : 1,
			.when = f->phase == CAMP_AFTER ? SIM_FAULT_AFTER : SIM_FAULT_BEFORE,
			.timeout = f->timeout,
			.status = f->status,
		};

		plan.hw[i] = f->kind == CAMP_HW ? sim_fault_arm(&sf) : -1;
		if (f->kind == CAMP_HW)
			sim_gate_observe(observe, NULL);
	}
}

/*
 * Did the signal come when only the last page of its step was left?  Each page takes as many
 * operations as the others; only the first may take more.
 */
bool camp_plan_signal_was_late(void)
{
	return plan.signal_late;
}

static void refill(struct camp_life *l, unsigned int page)
{
	void *buf = (void *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);

	camp_src_fill(l->env, page, buf);
	free_page((unsigned long)buf);
}

static void remap(struct camp_life *l, unsigned int page)
{
	unsigned long uaddr = l->env->src + page * PAGE_SIZE;

	if (vm_mmap(NULL, uaddr, PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0) == uaddr)
		refill(l, page);
	camp_src_pages(l->env);
}

static bool unmap(struct camp_life *l, unsigned int page, bool no_access)
{
	unsigned long uaddr = l->env->src + page * PAGE_SIZE;

	plan.unmapped = page + 1;
	if (!no_access)
		return !vm_munmap(uaddr, PAGE_SIZE);
	return vm_mmap(NULL, uaddr, PAGE_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0) == uaddr;
}

/*
 * Memory fails while user space has it mapped.  What is said of it does not count: the
 * file keeps the page, which memory_failure() takes for a failure of its own.
 */
static bool poison_mapped(struct camp_life *l, unsigned int page)
{
	unsigned long uaddr = camp_map_gmem(l, page, 1);
	struct page *p;
	u64 spa;

	if (IS_ERR_VALUE(uaddr))
		return false;
	plan.mapped = uaddr;
	plan.mapped_page = page;
	if (copy_from_user(remembered, (void __user *)uaddr, PAGE_SIZE))
		return false;
	spa = camp_page_spa(l, page);
	if (!spa)
		return false;
	p = pfn_to_page(PHYS_PFN(spa));
	memory_failure(PHYS_PFN(spa), 0);
	return PageHWPoison(p) && !folio_mapped(page_folio(p));
}

/* User space does without the page: a hole, and what it remembers in a new one. */
static void replace_mapped(struct camp_life *l)
{
	unsigned long uaddr;

	vm_munmap(plan.mapped, PAGE_SIZE);
	plan.mapped = 0;
	if (camp_fallocate(l, plan.mapped_page, 1, FALLOC_FL_PUNCH_HOLE))
		return;
	uaddr = camp_map_gmem(l, plan.mapped_page, 1);
	if (IS_ERR_VALUE(uaddr))
		return;
	camp_write_user(uaddr, remembered, PAGE_SIZE);
	vm_munmap(uaddr, PAGE_SIZE);
	flush_delayed_fput();
}

/**
 * camp_gup_fast() - what guest_memfd calls to pin the source of a page
 * @start: user address
 * @nr_pages: pages
 * @gup_flags: FOLL_*
 * @pages: gets them
 *
 * Return: what get_user_pages_fast() returns, or 0 if that is the fault.
 */
int camp_gup_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
		  struct page **pages)
{
	if (plan.unpinned && start == plan.unpinned) {
		plan.unpinned = 0;
		plan.delivered[plan.unpinned_fault] = true;
		return 0;
	}
	return get_user_pages_fast(start, nr_pages, gup_flags, pages);
}

static bool poison(struct camp_life *l, unsigned int page, enum camp_poison what)
{
	struct page *p;

	if (what == CAMP_POISON_MAPPED)
		return poison_mapped(l, page);
	if (what == CAMP_POISON_TARGET) {
		struct inode *inode;
		pgoff_t index;

		inode = camp_locate(l, page, &index);
		if (!inode || camp_fallocate(l, page, 1, 0))
			return false;
		plan.poisoned = filemap_get_folio(inode->i_mapping, index);
		if (IS_ERR(plan.poisoned))
			return false;
		folio_set_hwpoison(plan.poisoned);
		return true;
	}

	p = l->env->src_page[page];
	plan.unmapped = page + 1;
	return !memory_failure(page_to_pfn(p), 0);
}

static bool flip(struct camp_life *l, unsigned int page, u64 attrs)
{
	const struct camp_step s = { .page = page, .npages = 1, .arg = attrs };

	plan.flipped = page + 1;
	return !camp_set_attr(l, &s);
}

/* Where a slot is moved to: the guest has nothing there. */
#define ELSEWHERE	(KT_GPA + 0x30000000ULL)

/* The slot of the step's first page */
static unsigned int slot_of(const struct camp_workload *w, const struct camp_step *s)
{
	unsigned int i;

	for (i = 0; w->slots[i].npages; i++)
		if (s->page >= w->slots[i].page &&
		    s->page < w->slots[i].page + w->slots[i].npages)
			return i;
	return 0;
}

/* Pages that steps in front of @step were about; what a guest does is not looked at. */
static u32 used_before(const struct camp_workload *w, unsigned int step)
{
	u32 pages = 0;
	unsigned int i;

	for (i = 0; i < step; i++) {
		const struct camp_step *s = &w->steps[i];

		if (s->run == camp_run)
			return ~0;
		if (s->flags & CAMP_NEEDS_GMEM)
			pages |= GENMASK(s->page + s->npages - 1, s->page);
	}
	return pages;
}

static bool change_slot(struct camp_life *l, const struct camp_fault *f)
{
	unsigned int nr = slot_of(l->w, &l->w->steps[f->step]);
	const struct camp_binding *b = &l->w->slots[nr];
	u64 gpa = KT_GPA + b->page * PAGE_SIZE;
	int ret = camp_put_slot(l, nr, gpa, true);

	/* A TD loses its pages with the slot. */
	if (l->w->type == KVM_X86_TDX_VM)
		plan.lost = used_before(l->w, f->step) &
			    GENMASK(b->page + b->npages - 1, b->page);
	if (f->status == CAMP_SLOT_REMADE)
		return !ret && !camp_put_slot(l, nr, gpa, false);
	plan.slot = nr + 1;
	plan.slot_moved = f->status == CAMP_SLOT_MOVED;
	if (!ret && plan.slot_moved)
		ret = camp_put_slot(l, nr, ELSEWHERE, false);
	return !ret;
}

static void restore_slot(struct camp_life *l)
{
	unsigned int nr = plan.slot - 1;

	plan.slot = 0;
	if (l->fd < 0)
		return;
	if (plan.slot_moved)
		camp_put_slot(l, nr, ELSEWHERE, true);
	camp_put_slot(l, nr, KT_GPA + l->w->slots[nr].page * PAGE_SIZE, false);
}

static bool punch(struct camp_life *l, const struct camp_fault *f)
{
	const struct camp_step *s = &l->w->steps[f->step];
	u32 used = used_before(l->w, f->step);
	unsigned int page = s->page, npages = s->npages;

	if (f->status == CAMP_HOLE_FIRST) {
		for (s = l->w->steps; !(s->flags & CAMP_NEEDS_GMEM); s++)
			;
		page = s->page;
		npages = 1;
	}
	plan.lost = used & GENMASK(page + npages - 1, page);
	/* A hole is in one slot. */
	for (; npages; page++, npages--)
		if (camp_fallocate(l, page, 1, FALLOC_FL_PUNCH_HOLE))
			return false;
	return true;
}

/* Neither a PSP that is dead nor a file that is closed comes back. */
bool camp_fault_lasts(const struct camp_fault *f)
{
	return f->timeout || (f->kind == CAMP_CLOSE && !f->status);
}

/* Has something happened that lasts? */
bool camp_plan_lasts(void)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++)
		if (camp_fault_lasts(&plan.in->f[i]) && camp_plan_delivered(i))
			return true;
	return false;
}

/* Pages of the launch that the caller himself has taken away, by number */
u32 camp_plan_lost(void)
{
	return plan.lost;
}

static void arm(struct camp_life *l, const struct camp_fault *f, unsigned int i)
{
	const struct camp_step *s = &l->w->steps[f->step];
	unsigned int page = s->page + f->occ - 1;

	switch (f->kind) {
	case CAMP_ALLOC:
		if (f->phase == CAMP_EVER)
			kt_fail_alloc_from(l->env->test, f->occ);
		else
			kt_fail_alloc(l->env->test, f->occ);
		camp_who_allocates(true);
		break;
	case CAMP_COPY: {
		unsigned long at = f->phase == CAMP_AFTER ? l->env->args_ro : NOWHERE;

		if (f->occ == 1)
			l->cmd_at = at;
		else
			l->data_at = at == NOWHERE ? at : at + PAGE_SIZE;
		plan.delivered[i] = true;
		break;
	}
	case CAMP_GUP:
		if (f->status == CAMP_GUP_NONE) {
			plan.unpinned = l->env->src + page * PAGE_SIZE;
			plan.unpinned_fault = i;
		} else {
			plan.delivered[i] = unmap(l, page, f->status == CAMP_GUP_NOACCESS);
		}
		break;
	case CAMP_SIGNAL:
		plan.passed = 0;
		plan.signal = f->status;
		plan.signal_fault = i;
		plan.signal_at = f->occ - 1;
		if (plan.signal_at) {
			sim_gate_observe(observe, NULL);
			break;
		}
		plan.delivered[i] = true;
		if (f->status)
			kt_kill_self();
		else
			kt_signal_self();
		break;
	case CAMP_POISON:
		plan.delivered[i] = poison(l, page, f->status);
		break;
	case CAMP_ATTR:
		plan.delivered[i] = flip(l, page, 0);
		break;
	case CAMP_CLOSE:
		if (f->status)
			l->sev_fd = -1;
		else
			camp_close_gmem(l, s);
		plan.delivered[i] = true;
		break;
	case CAMP_CPUID:
		camp_src_spoil(l->env);
		plan.spoilt = true;
		plan.delivered[i] = true;
		break;
	case CAMP_SLOT:
		plan.delivered[i] = change_slot(l, f);
		break;
	case CAMP_HOLE:
		plan.delivered[i] = punch(l, f);
		break;
	default:
		break;
	}
}

/* In front of a step, or behind the last one of the launch: calls that are not part of it */
void camp_plan_call(struct camp_life *l, unsigned int step)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++) {
		const struct camp_fault *f = &plan.in->f[i];

		if (f->kind != CAMP_CALL || f->step != step)
			continue;
		l->called = camp_call(l, f->status);
		plan.delivered[i] = true;
	}
}

/* Does the caller give up in front of a step? */
bool camp_plan_stop(unsigned int step)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++) {
		const struct camp_fault *f = &plan.in->f[i];

		if (f->kind == CAMP_STOP && f->step == step)
			return plan.delivered[i] = true;
	}
	return false;
}

/* Faults of a step are there when it is run for the first time. */
void camp_plan_step(struct camp_life *l, unsigned int step)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++)
		if (plan.in->f[i].kind != CAMP_HW && plan.in->f[i].step == step)
			arm(l, &plan.in->f[i], i);
}

/* What was done to the world for the sake of a step is undone. */
static void restore(struct camp_life *l)
{
	l->cmd_at = 0;
	l->data_at = 0;
	if (plan.unmapped)
		remap(l, plan.unmapped - 1);
	plan.unmapped = 0;
	if (plan.poisoned && !IS_ERR(plan.poisoned)) {
		folio_clear_hwpoison(plan.poisoned);
		folio_put(plan.poisoned);
	}
	plan.poisoned = NULL;
	plan.unpinned = 0;
	if (plan.mapped)
		replace_mapped(l);
	if (plan.flipped && l->fd >= 0)
		flip(l, plan.flipped - 1, KVM_MEMORY_ATTRIBUTE_PRIVATE);
	plan.flipped = 0;
	if (plan.slot)
		restore_slot(l);
	l->sev_fd = l->env->sev_fd;
}

void camp_plan_step_end(struct camp_life *l, unsigned int step)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++) {
		const struct camp_fault *f = &plan.in->f[i];

		if (f->kind == CAMP_HW || f->step != step)
			continue;
		if (f->kind == CAMP_ALLOC) {
			plan.delivered[i] = kt_fail_alloc_end();
			camp_who_allocates(false);
		}
		if (f->kind == CAMP_SIGNAL) {
			u32 pages = l->w->steps[step].npages;

			plan.signal_late = pages && plan.signal_at * pages >
					   plan.passed * (pages - 1);
			plan.signal_at = 0;
			kt_signal_clear();
		}
		restore(l);
	}
}

/**
 * camp_plan_relent() - the caller has seen a failure and tries again
 * @l: lifetime
 * @tries: how often it has done so
 *
 * What fails for ever fails once more and is then well.
 */
void camp_plan_relent(struct camp_life *l, unsigned int tries)
{
	unsigned int i;

	if (!plan.in || !tries)
		return;
	for (i = 0; i < plan.in->nr; i++)
		if (plan.in->f[i].phase == CAMP_EVER && camp_plan_delivered(i)) {
			/* Both: the second has had its chance. */
			for (i = 0; i < plan.in->nr; i++)
				camp_plan_delivered(i);
			sim_fault_clear();
			memset(plan.hw, 0xff, sizeof(plan.hw));
			return;
		}
}

/* Was it there?  Remembered, as the plan may be cleared. */
bool camp_plan_delivered(unsigned int i)
{
	if (sim_fault_delivered(plan.hw[i]))
		plan.delivered[i] = true;
	return plan.delivered[i];
}

void camp_plan_end(struct camp_life *l)
{
	unsigned int i;

	for (i = 0; plan.in && i < plan.in->nr; i++)
		camp_plan_delivered(i);
	sim_fault_clear();
	sim_gate_observe(NULL, NULL);
	memset(plan.hw, 0xff, sizeof(plan.hw));
	/* Not before: what firmware has corrected is what the caller tries again with. */
	if (plan.spoilt)
		refill(l, CAMP_CPUID_PAGE);
	plan.spoilt = false;
	restore(l);
}

/**
 * camp_refuses_page() - may KVM have given up a page for good that is the host's in the end?
 * @in: injection
 *
 * What the hardware refuses once it may do the next time, when the page has been given up.
 * After a time-out nobody knows whether it was done.
 */
bool camp_refuses_page(const struct camp_injection *in)
{
	unsigned int i;

	for (i = 0; i < in->nr; i++)
		if (in->f[i].timeout ||
		    (in->f[i].kind == CAMP_HW && (in->f[i].op == SIM_OP_RMPUPDATE ||
						  in->f[i].op == SIM_CMD_SNP_PAGE_RECLAIM)))
			return true;
	return false;
}

/**
 * camp_is_hypothetical() - does no reference say that this happens?
 * @in: injection
 *
 * RMPREAD fails where the RMP has no entry, and all memory that guests get has one.
 * Pinning one page either does that or returns an error.
 */
bool camp_is_hypothetical(const struct camp_injection *in)
{
	unsigned int i;

	for (i = 0; i < in->nr; i++)
		if ((in->f[i].kind == CAMP_HW && in->f[i].op == SIM_OP_RMPREAD) ||
		    (in->f[i].kind == CAMP_GUP && in->f[i].status == CAMP_GUP_NONE))
			return true;
	return false;
}
