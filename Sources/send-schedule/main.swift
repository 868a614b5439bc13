print("send-schedule")
