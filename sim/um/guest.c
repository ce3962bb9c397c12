// SPDX-License-Identifier: GPL-2.0
/* Scripted guests: attaching scripts to vCPUs, and /dev/sim-guest */
#include <linux/anon_inodes.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/hashtable.h>
#include <linux/init.h>
#include <linux/kvm_host.h>
#include <linux/magic.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/shared/tdx.h>

#include "guest_priv.h"

#define DEFAULT_RETRIES	10000

static DEFINE_RAW_SPINLOCK(scripts_lock);
static DEFINE_HASHTABLE(scripts, 6);

static struct sim_script *find_script(struct kvm_vcpu *vcpu)
{
	struct sim_script *s;

	hash_for_each_possible(scripts, s, node, (unsigned long)vcpu)
		if (s->vcpu == vcpu)
			return s;
	return NULL;
}

struct sim_script *sim_script_get(struct kvm_vcpu *vcpu)
{
	struct sim_script *s;
	unsigned long flags;

	raw_spin_lock_irqsave(&scripts_lock, flags);
	s = find_script(vcpu);
	if (s)
		kref_get(&s->ref);
	raw_spin_unlock_irqrestore(&scripts_lock, flags);
	return s;
}

static void script_release(struct kref *ref)
{
	struct sim_script *s = container_of(ref, struct sim_script, ref);

	/* The CPU may hold the last reference, and must not sleep. */
	kvfree_rcu(s, rcu);
}

void sim_script_put(struct sim_script *s)
{
	kref_put(&s->ref, script_release);
}

/* Flags that mean something, by operation */
static const u32 valid_flags[SIM_SCRIPT_NR_OPCODES] = {
	[SIM_SCRIPT_READ] = SIM_SCRIPT_F_PRIVATE | SIM_SCRIPT_F_DATA |
		SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL | SIM_SCRIPT_F_EXEC |
		SIM_SCRIPT_F_WALK | SIM_SCRIPT_F_MMIO,
	[SIM_SCRIPT_WRITE] = SIM_SCRIPT_F_PRIVATE | SIM_SCRIPT_F_DATA |
		SIM_SCRIPT_F_WALK | SIM_SCRIPT_F_MMIO,
	[SIM_SCRIPT_PVALIDATE] = SIM_SCRIPT_F_2M,
	[SIM_SCRIPT_RMPADJUST] = SIM_SCRIPT_F_2M,
	[SIM_SCRIPT_VMGEXIT] = SIM_SCRIPT_F_DATA,
	[SIM_SCRIPT_PSC] = SIM_SCRIPT_F_2M | SIM_SCRIPT_F_MSR,
	[SIM_SCRIPT_TERMINATE] = SIM_SCRIPT_F_EVENT,
	[SIM_SCRIPT_ACCEPT] = SIM_SCRIPT_F_2M,
	[SIM_SCRIPT_TDVMCALL] = SIM_SCRIPT_F_DATA,
};

static bool range_valid(const struct sim_script_op *op, u64 unit)
{
	u64 end;

	return op->size && op->size <= SIM_SCRIPT_MAX_RANGE &&
	       IS_ALIGNED(op->size, unit) && IS_ALIGNED(op->gpa, min(unit, PAGE_SIZE)) &&
	       !check_add_overflow(op->gpa, op->size, &end);
}

static bool data_valid(u64 off, u64 size, u32 data_len)
{
	return off <= data_len && size <= data_len - off;
}

static bool op_valid(const struct sim_script_op *op, u32 data_len)
{
	u64 unit = op->flags & SIM_SCRIPT_F_2M ? SZ_2M : PAGE_SIZE;

	if (!op->op || op->op >= SIM_SCRIPT_NR_OPCODES ||
	    op->flags & ~valid_flags[op->op])
		return false;

	switch (op->op) {
	case SIM_SCRIPT_READ:
		if (op->flags & SIM_SCRIPT_F_POLL &&
		    (!(op->flags & SIM_SCRIPT_F_COMPARE) || op->size > sizeof(u64) ||
		     offset_in_page(op->gpa) + op->size > PAGE_SIZE))
			return false;
		fallthrough;
	case SIM_SCRIPT_WRITE:
		if (!range_valid(op, 1))
			return false;
		return !(op->flags & SIM_SCRIPT_F_DATA) ||
		       data_valid(op->arg[0], op->size, data_len);
	case SIM_SCRIPT_PVALIDATE:
		return range_valid(op, unit) && op->arg[0] <= 1;
	case SIM_SCRIPT_RMPADJUST:
		return range_valid(op, unit) && op->arg[0] <= U8_MAX &&
		       op->arg[1] <= U8_MAX && op->arg[2] <= 1;
	case SIM_SCRIPT_PSC:
		if (op->flags & SIM_SCRIPT_F_2M && op->flags & SIM_SCRIPT_F_MSR)
			return false;
		return range_valid(op, unit) && op->arg[0] <= 0xf;
	case SIM_SCRIPT_GHCB_REGISTER:
	case SIM_SCRIPT_GHCB_USE:
		return PAGE_ALIGNED(op->gpa);
	case SIM_SCRIPT_VMGEXIT:
		/* size of the GHCB's shared buffer */
		if (op->size > 2032)
			return false;
		return op->flags & SIM_SCRIPT_F_DATA ?
		       op->size && data_valid(op->gpa, op->size, data_len) : !op->size;
	case SIM_SCRIPT_CPUID:
		return op->arg[0] <= U32_MAX && op->arg[1] <= U32_MAX;
	case SIM_SCRIPT_RDMSR:
	case SIM_SCRIPT_WRMSR:
		return op->arg[0] <= U32_MAX;
	case SIM_SCRIPT_IN:
	case SIM_SCRIPT_OUT:
		return op->arg[0] <= U16_MAX &&
		       (op->size == 1 || op->size == 2 || op->size == 4);
	case SIM_SCRIPT_AP_CREATE:
		return op->arg[0] <= U32_MAX && op->arg[1] <= U32_MAX;
	case SIM_SCRIPT_TERMINATE:
		return op->arg[0] <= 0xf && op->arg[1] <= 0xff;
	case SIM_SCRIPT_ACCEPT:
		return range_valid(op, unit);
	case SIM_SCRIPT_TDVMCALL:
		return !(op->flags & SIM_SCRIPT_F_DATA) ||
		       (!(op->arg[0] & ~(u64)TDVMCALL_EXPOSE_REGS_MASK) &&
			data_valid(op->gpa, 16 * sizeof(u64), data_len));
	}
	return true;
}

static struct sim_script *alloc_script(const struct sim_script_params *p)
{
	struct sim_script *s;
	size_t size;
	u32 i;

	if (!p->nr_ops || p->nr_ops > SIM_SCRIPT_MAX_OPS ||
	    p->data_len > SIM_SCRIPT_MAX_DATA || !PAGE_ALIGNED(p->ghcb_gpa))
		return ERR_PTR(-EINVAL);

	/* One allocation, so that VMRUN may free it */
	size = sizeof(*s) + p->nr_ops * (sizeof(*s->ops) + sizeof(*s->res)) + p->data_len;
	s = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!s)
		return ERR_PTR(-ENOMEM);

	kref_init(&s->ref);
	raw_spin_lock_init(&s->lock);
	s->ops = (void *)(s + 1);
	s->res = (void *)(s->ops + p->nr_ops);
	s->data = (void *)(s->res + p->nr_ops);
	s->data_len = p->data_len;
	s->st.nr_ops = p->nr_ops;
	s->max_retries = p->max_retries ?: DEFAULT_RETRIES;
	s->ghcb_gpa = p->ghcb_gpa;
	memcpy(s->ops, p->ops, p->nr_ops * sizeof(*s->ops));
	if (p->data_len)
		memcpy(s->data, p->data, p->data_len);

	for (i = 0; i < p->nr_ops; i++) {
		if (!op_valid(&s->ops[i], p->data_len)) {
			kvfree(s);
			return ERR_PTR(-EINVAL);
		}
	}
	return s;
}

static struct sim_script *attach(struct kvm_vcpu *vcpu, struct file *file,
				 const struct sim_script_params *p)
{
	struct sim_script *s = alloc_script(p);
	unsigned long flags;
	bool busy;

	if (IS_ERR(s))
		return s;

	s->vcpu = vcpu;
	raw_spin_lock_irqsave(&scripts_lock, flags);
	busy = find_script(vcpu);
	if (!busy)
		hash_add(scripts, &s->node, (unsigned long)vcpu);
	raw_spin_unlock_irqrestore(&scripts_lock, flags);
	if (busy) {
		kvfree(s);
		return ERR_PTR(-EEXIST);
	}
	if (file)
		s->file = get_file(file);
	return s;
}

struct sim_script *sim_script_attach(struct kvm_vcpu *vcpu,
				     const struct sim_script_params *p)
{
	return attach(vcpu, NULL, p);
}
EXPORT_SYMBOL_GPL(sim_script_attach);

struct sim_script *sim_script_attach_file(struct file *file,
					  const struct sim_script_params *p)
{
	struct kvm_vcpu *vcpu = sim_script_vcpu(file);

	return vcpu ? attach(vcpu, file, p) : ERR_PTR(-EINVAL);
}
EXPORT_SYMBOL_GPL(sim_script_attach_file);

void sim_script_detach(struct sim_script *s)
{
	struct file *file = s->file;
	unsigned long flags;

	raw_spin_lock_irqsave(&scripts_lock, flags);
	hash_del(&s->node);
	raw_spin_unlock_irqrestore(&scripts_lock, flags);
	WRITE_ONCE(s->detached, true);
	sim_script_put(s);
	if (file)
		fput(file);
}
EXPORT_SYMBOL_GPL(sim_script_detach);

void sim_script_result(struct sim_script *s, u32 i, struct sim_script_result *r)
{
	unsigned long flags;

	memset(r, 0, sizeof(*r));
	if (i >= s->st.nr_ops)
		return;
	raw_spin_lock_irqsave(&s->lock, flags);
	*r = s->res[i];
	raw_spin_unlock_irqrestore(&s->lock, flags);
}
EXPORT_SYMBOL_GPL(sim_script_result);

void sim_script_state(struct sim_script *s, struct sim_script_state *state)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&s->lock, flags);
	*state = s->st;
	raw_spin_unlock_irqrestore(&s->lock, flags);
}
EXPORT_SYMBOL_GPL(sim_script_state);

int sim_script_data(struct sim_script *s, u32 off, void *buf, u32 len)
{
	unsigned long flags;

	if (!data_valid(off, len, s->data_len))
		return -EINVAL;
	raw_spin_lock_irqsave(&s->lock, flags);
	memcpy(buf, s->data + off, len);
	raw_spin_unlock_irqrestore(&s->lock, flags);
	return 0;
}
EXPORT_SYMBOL_GPL(sim_script_data);

struct kvm_vcpu *sim_script_vcpu(struct file *file)
{
	struct kvm_vcpu *vcpu = file->private_data;
	char name[32];

	if (file->f_path.mnt->mnt_sb->s_magic != ANON_INODE_FS_MAGIC || !vcpu ||
	    strncmp(file->f_path.dentry->d_name.name, "kvm-vcpu:", 9))
		return NULL;
	snprintf(name, sizeof(name), "kvm-vcpu:%d", vcpu->vcpu_id);
	return strcmp(file->f_path.dentry->d_name.name, name) ? NULL : vcpu;
}
EXPORT_SYMBOL_GPL(sim_script_vcpu);

/* /dev/sim-guest: the scripts that one open file has attached */
struct owner {
	struct mutex lock;
	struct list_head scripts;
};

struct owned {
	struct list_head list;
	struct sim_script *s;
};

static struct owned *find_owned(struct owner *o, struct kvm_vcpu *vcpu)
{
	struct owned *w;

	list_for_each_entry(w, &o->scripts, list)
		if (w->s->vcpu == vcpu)
			return w;
	return NULL;
}

static int do_attach(struct owner *o, const void __user *arg)
{
	struct sim_script_attach a;
	struct sim_script_params p = {};
	void *ops = NULL, *data = NULL;
	struct owned *w = NULL;
	struct sim_script *s;
	int ret;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	if (!a.nr_ops || a.reserved[0] || a.reserved[1])
		return -EINVAL;
	if (a.nr_ops > SIM_SCRIPT_MAX_OPS || a.data_len > SIM_SCRIPT_MAX_DATA)
		return -E2BIG;

	CLASS(fd, f)(a.vcpu_fd);
	if (fd_empty(f))
		return -EBADF;

	ops = vmemdup_array_user(u64_to_user_ptr(a.ops), a.nr_ops,
				 sizeof(struct sim_script_op));
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (a.data_len) {
		data = vmemdup_user(u64_to_user_ptr(a.data), a.data_len);
		if (IS_ERR(data)) {
			ret = PTR_ERR(data);
			data = NULL;
			goto out;
		}
	}
	ret = -ENOMEM;
	w = kzalloc_obj(*w, GFP_KERNEL_ACCOUNT);
	if (!w)
		goto out;

	p.ops = ops;
	p.nr_ops = a.nr_ops;
	p.data = data;
	p.data_len = a.data_len;
	p.max_retries = a.max_retries;
	p.ghcb_gpa = a.ghcb_gpa;
	s = sim_script_attach_file(fd_file(f), &p);
	ret = PTR_ERR_OR_ZERO(s);
	if (ret)
		goto out;

	w->s = s;
	list_add(&w->list, &o->scripts);
	w = NULL;
out:
	kfree(w);
	kvfree(data);
	kvfree(ops);
	return ret;
}

static int do_fetch(struct owner *o, void __user *arg)
{
	struct sim_script_result r, __user *to;
	struct sim_script_fetch g;
	struct kvm_vcpu *vcpu;
	struct sim_script *s;
	struct owned *w;
	u32 i;

	if (copy_from_user(&g, arg, sizeof(g)))
		return -EFAULT;

	CLASS(fd, f)(g.vcpu_fd);
	if (fd_empty(f))
		return -EBADF;
	vcpu = sim_script_vcpu(fd_file(f));
	w = vcpu ? find_owned(o, vcpu) : NULL;
	if (!w)
		return -ENOENT;
	s = w->s;

	if (g.first > s->st.nr_ops || g.nr > s->st.nr_ops - g.first ||
	    g.data_len > s->data_len)
		return -EINVAL;

	to = u64_to_user_ptr(g.results);
	for (i = 0; i < g.nr; i++) {
		sim_script_result(s, g.first + i, &r);
		if (copy_to_user(to + i, &r, sizeof(r)))
			return -EFAULT;
	}
	if (g.data_len) {
		void *data = kvmalloc(g.data_len, GFP_KERNEL_ACCOUNT);
		int ret = 0;

		if (!data)
			return -ENOMEM;
		if (sim_script_data(s, 0, data, g.data_len))
			ret = -EINVAL;
		else if (copy_to_user(u64_to_user_ptr(g.data), data, g.data_len))
			ret = -EFAULT;
		kvfree(data);
		if (ret)
			return ret;
	}
	sim_script_state(s, &g.state);
	return copy_to_user(arg, &g, sizeof(g)) ? -EFAULT : 0;
}

static void detach_owned(struct owned *w)
{
	list_del(&w->list);
	sim_script_detach(w->s);
	kfree(w);
}

static int do_detach(struct owner *o, int fd)
{
	struct kvm_vcpu *vcpu;
	struct owned *w;

	CLASS(fd, f)(fd);
	if (fd_empty(f))
		return -EBADF;
	vcpu = sim_script_vcpu(fd_file(f));
	w = vcpu ? find_owned(o, vcpu) : NULL;
	if (!w)
		return -ENOENT;
	detach_owned(w);
	return 0;
}

static long sim_guest_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct owner *o = file->private_data;

	guard(mutex)(&o->lock);
	switch (cmd) {
	case SIM_SCRIPT_ATTACH:
		return do_attach(o, (void __user *)arg);
	case SIM_SCRIPT_FETCH:
		return do_fetch(o, (void __user *)arg);
	case SIM_SCRIPT_DETACH:
		return arg > INT_MAX ? -EBADF : do_detach(o, arg);
	}
	return -ENOTTY;
}

static int sim_guest_open(struct inode *inode, struct file *file)
{
	struct owner *o = kzalloc_obj(*o, GFP_KERNEL_ACCOUNT);

	if (!o)
		return -ENOMEM;
	mutex_init(&o->lock);
	INIT_LIST_HEAD(&o->scripts);
	file->private_data = o;
	return 0;
}

static int sim_guest_release(struct inode *inode, struct file *file)
{
	struct owner *o = file->private_data;
	struct owned *w, *tmp;

	list_for_each_entry_safe(w, tmp, &o->scripts, list)
		detach_owned(w);
	kfree(o);
	return 0;
}

static const struct file_operations sim_guest_fops = {
	.owner = THIS_MODULE,
	.open = sim_guest_open,
	.release = sim_guest_release,
	.unlocked_ioctl = sim_guest_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice sim_guest_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sim-guest",
	.fops = &sim_guest_fops,
	.mode = 0600,
};
builtin_misc_device(sim_guest_dev);
